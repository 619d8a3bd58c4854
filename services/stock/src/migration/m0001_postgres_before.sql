-- In public, where every service's search_path finds it.
CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public;
