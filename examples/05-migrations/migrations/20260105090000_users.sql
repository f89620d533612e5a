-- migrate:up
create table users (
  id uuid primary key,
  email text collate "C" not null constraint users_email_key unique,
  name text collate "C" not null,
  role text collate "C" not null,
  bio text collate "C",
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint users_email_check check (char_length(email) <= 254),
  constraint users_name_check check (char_length(name) between 2 and 80),
  constraint users_role_check check (role in ('reader', 'author', 'admin')),
  constraint users_bio_check check (char_length(bio) <= 300)
);

-- migrate:down
drop table users;
