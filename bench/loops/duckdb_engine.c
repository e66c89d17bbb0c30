/* DuckDB and nothing else: opens a database in memory, runs one statement, prints two columns as CSV.
 *
 *     cc -c duckdb_engine.c && c++ duckdb_engine.o libduckdb_static_extension_autoregister.a libduckdb.a
 *
 * Linked with the library that weblog was linked with, it tells what the engine itself takes. It ends
 * without taking the database apart, as DuckDB's shell and weblog do.
 */
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

typedef struct {
  uint64_t columns, rows, rows_changed;
  void *column_data;
  char *error;
  void *internal;
} result;
int duckdb_open(const char *path, void **database);
int duckdb_connect(void *database, void **connection);
int duckdb_query(void *connection, const char *sql, result *result);
uint64_t duckdb_row_count(result *result);
char *duckdb_value_varchar(result *result, uint64_t column, uint64_t row);

int main(int count, char **words) {
  void *database, *connection;
  result found = {0};
  if (count != 2 || duckdb_open(NULL, &database) || duckdb_connect(database, &connection)) return 2;
  if (duckdb_query(connection, words[1], &found)) return 1;
  for (uint64_t row = 0; row < duckdb_row_count(&found); row++)
    printf("%s,%s\n", duckdb_value_varchar(&found, 0, row), duckdb_value_varchar(&found, 1, row));
  fflush(stdout);
  _exit(0);
}
