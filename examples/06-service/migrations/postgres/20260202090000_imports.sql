-- migrate:up

-- create table imports
create table "imports" (
  "id" uuid not null,
  "name" text collate "C" not null,
  "fence" bigint not null,
  constraint "imports_pkey" primary key ("id"),
  constraint "imports_name_check" check (char_length("name") between 1 and 40),
  constraint "imports_fence_check" check ("fence" >= 0)
);
alter table "imports" add constraint "imports_name_key" unique ("name");

-- create table imported_posts
create table "imported_posts" (
  "reference" text collate "C" not null,
  "post_id" uuid not null,
  constraint "imported_posts_pkey" primary key ("reference"),
  constraint "imported_posts_reference_check" check (char_length("reference") between 1 and 200)
);
create index "imported_posts_post_id_idx" on "imported_posts" ("post_id");

-- create foreign key imported_posts_post_id_fkey
alter table "imported_posts" add constraint "imported_posts_post_id_fkey" foreign key ("post_id") references "posts" on delete cascade;

-- migrate:down
drop table "imported_posts";
drop table "imports";
