-- Writers go on while this index is made. PostgreSQL refuses that within a transaction, so each statement runs alone.
-- migrate:up transaction:false
create index concurrently if not exists posts_author_id_published_at_idx on posts (author_id, published_at nulls first);

-- migrate:down transaction:false
drop index concurrently if exists posts_author_id_published_at_idx;
