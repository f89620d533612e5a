-- migrate:up

-- create table categories
create table "categories" (
  "id" uuid not null,
  "name" text collate "C" not null,
  "slug" text collate "C" not null,
  "description" text collate "C",
  "parent_id" uuid,
  "is_active" boolean not null,
  "created_at" timestamp(3) with time zone not null,
  "updated_at" timestamp(3) with time zone not null,
  constraint "categories_pkey" primary key ("id"),
  constraint "categories_name_check" check (char_length("name") between 2 and 60),
  constraint "categories_slug_check" check (char_length("slug") <= 80),
  constraint "categories_description_check" check (char_length("description") <= 300)
);
alter table "categories" add constraint "categories_slug_key" unique ("slug");

-- create table tags
create table "tags" (
  "id" uuid not null,
  "name" text collate "C" not null,
  constraint "tags_pkey" primary key ("id"),
  constraint "tags_name_check" check (char_length("name") between 2 and 30)
);
alter table "tags" add constraint "tags_name_key" unique ("name");

-- create foreign key categories_parent_id_fkey
alter table "categories" add constraint "categories_parent_id_fkey" foreign key ("parent_id") references "categories" on delete set null;

-- migrate:down
drop table "tags";
drop table "categories";
