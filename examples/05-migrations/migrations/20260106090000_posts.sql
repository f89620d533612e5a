-- migrate:up
create table posts (
  id uuid primary key,
  author_id uuid not null references users (id) on delete cascade,
  title text collate "C" not null,
  body text collate "C" not null,
  status text collate "C" not null,
  published_at timestamptz(3),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  deleted_at timestamptz(3),
  constraint posts_title_check check (char_length(title) between 3 and 120),
  constraint posts_body_check check (char_length(body) between 1 and 20000),
  constraint posts_status_check check (status in ('draft', 'published'))
);

-- migrate:down
drop table posts;
