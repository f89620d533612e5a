-- migrate:up

-- create table events
create table "events" (
  "id" uuid not null,
  "kind" text collate "C" not null,
  "post_id" uuid not null,
  "user_id" uuid,
  "at" timestamp(3) with time zone not null,
  constraint "events_pkey" primary key ("id"),
  constraint "events_kind_check" check ("kind" in ('view', 'share', 'publish'))
);
create index "events_post_id_kind_idx" on "events" ("post_id", "kind");
create index "events_at_idx" on "events" ("at");

-- migrate:down
drop table "events";
