-- migrate:up
create table comments (
  id uuid primary key,
  post_id uuid not null references posts (id) on delete cascade,
  author_id uuid not null references users (id) on delete cascade,
  parent_id uuid references comments (id) on delete cascade,
  body text collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  constraint comments_body_check check (char_length(body) between 1 and 1000)
);
create index comments_post_id_created_at_idx on comments (post_id, created_at);
create index comments_author_id_idx on comments (author_id);
create index comments_parent_id_idx on comments (parent_id nulls first);

create table likes (
  post_id uuid references posts (id) on delete cascade,
  user_id uuid references users (id) on delete cascade,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  primary key (post_id, user_id)
);
create index likes_user_id_idx on likes (user_id);

-- migrate:down
drop table likes;
drop table comments;
