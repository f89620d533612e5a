-- migrate:up

-- create table comments
create table "comments" (
  "id" uuid not null,
  "post_id" uuid not null,
  "author_id" uuid not null,
  "parent_id" uuid,
  "body" text collate "C" not null,
  "created_at" timestamp(3) with time zone not null,
  "updated_at" timestamp(3) with time zone not null,
  "deleted_at" timestamp(3) with time zone,
  constraint "comments_pkey" primary key ("id"),
  constraint "comments_body_check" check (char_length("body") between 1 and 2000)
);
create index "comments_post_id_created_at_id_idx" on "comments" ("post_id", "created_at", "id");
create index "comments_parent_id_idx" on "comments" ("parent_id" nulls first);
create index "comments_author_id_idx" on "comments" ("author_id");

-- create table likes
create table "likes" (
  "post_id" uuid not null,
  "user_id" uuid not null,
  "created_at" timestamp(3) with time zone not null,
  "updated_at" timestamp(3) with time zone not null,
  constraint "likes_pkey" primary key ("post_id", "user_id")
);
create index "likes_user_id_idx" on "likes" ("user_id");

-- create foreign key comments_post_id_fkey
alter table "comments" add constraint "comments_post_id_fkey" foreign key ("post_id") references "posts" on delete cascade;

-- create foreign key comments_author_id_fkey
alter table "comments" add constraint "comments_author_id_fkey" foreign key ("author_id") references "users" on delete restrict;

-- create foreign key comments_parent_id_fkey
alter table "comments" add constraint "comments_parent_id_fkey" foreign key ("parent_id") references "comments" on delete cascade;

-- create foreign key likes_post_id_fkey
alter table "likes" add constraint "likes_post_id_fkey" foreign key ("post_id") references "posts" on delete cascade;

-- create foreign key likes_user_id_fkey
alter table "likes" add constraint "likes_user_id_fkey" foreign key ("user_id") references "users" on delete cascade;

-- migrate:down
drop table "likes";
drop table "comments";
