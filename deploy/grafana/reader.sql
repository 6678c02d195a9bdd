-- A user of the database who may only read the views of docs/sql.md. It may be executed again.
--   READER_PASSWORD=… psql --file deploy/grafana/reader.sql postgresql://gluten:…@host/gluten
\getenv password READER_PASSWORD
select 'create role grafana login' where not exists (select from pg_roles where rolname = 'grafana') \gexec
alter role grafana login password :'password';
alter role grafana set default_transaction_read_only = on;
alter role grafana set statement_timeout = '30s';
grant usage on schema public to grafana;
grant select on runs, seconds, requests, request_seconds, nodes, events to grafana;
