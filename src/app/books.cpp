#include "app/books.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "app/words.h"
#include "base/csv.h"

namespace wanspool::app {
namespace {

void add(LedgerRow& sum, LedgerRow const& row) {
  sum.tasks += row.tasks;
  sum.pictures += row.pictures;
  sum.reserved += row.reserved;
  sum.spent += row.spent;
  sum.uncertain += row.uncertain;
}

struct Line {
  std::string key, spent, reserved, uncertain, pictures, tasks;
};

Line line_of(LedgerRow const& row) {
  return {one_line(row.key),      decimal(row.spent),           decimal(row.reserved),
          decimal(row.uncertain), std::to_string(row.pictures), std::to_string(row.tasks)};
}

}  // namespace

std::string_view name_of(LedgerBy by) {
  switch (by) {
    case LedgerBy::Day:
      return "day";
    case LedgerBy::Model:
      return "model";
    case LedgerBy::Manifest:
      return "manifest";
    case LedgerBy::Account:
      return "account";
    case LedgerBy::Submitter:
      return "submitter";
    case LedgerBy::Job:
      return "job";
  }
  return "";
}

std::vector<LedgerRow> merged(std::vector<LedgerRow> const& rows) {
  std::map<std::string, LedgerRow> sums;
  for (auto const& each : rows) add(sums[each.key], each);
  std::vector<LedgerRow> list;
  for (auto& [key, sum] : sums) {
    sum.key = key;
    list.push_back(std::move(sum));
  }
  return list;
}

std::vector<LedgerRow> by_manifest(std::vector<LedgerRow> const& jobs) {
  auto rows = jobs;
  for (auto& each : rows) each.key.resize(std::min(each.key.find('/'), each.key.size()));
  return merged(rows);
}

LedgerRow total_of(std::vector<LedgerRow> const& rows) {
  LedgerRow sum;
  for (auto const& each : rows) add(sum, each);
  sum.key = "total";
  return sum;
}

std::string ledger_table(LedgerBy by, std::vector<LedgerRow> const& rows, LedgerRow const& total,
                         std::string const& currency, int columns) {
  std::vector<Line> lines{{std::string{name_of(by)}, "spent", "reserved", "uncertain", "pictures", "tasks"}};
  for (auto const& each : rows) lines.push_back(line_of(each));
  lines.push_back(line_of(total));
  auto const width = [&](std::string Line::*member) {
    std::size_t most = 0;
    for (auto const& each : lines) most = std::max(most, (each.*member).size());
    return static_cast<int>(most);
  };
  int const spent = width(&Line::spent), reserved = width(&Line::reserved),
            uncertain = width(&Line::uncertain), pictures = width(&Line::pictures),
            tasks = width(&Line::tasks);
  int const numbers =
      spent + reserved + uncertain + pictures + tasks + 6 * 2 + static_cast<int>(currency.size());
  int widest = 0;
  for (auto const& each : lines) widest = std::max(widest, columns_of(each.key));
  int const key = std::min(widest, std::max(12, columns - numbers));
  std::string text;
  for (auto const& each : lines) {
    auto name = cut_to(each.key, key);
    name.append(static_cast<std::size_t>(key - columns_of(name)), ' ');
    text += fmt::format("{}  {:>{}}  {:>{}}  {:>{}}  {}  {:>{}}  {:>{}}\n", name, each.spent, spent,
                        each.reserved, reserved, each.uncertain, uncertain, currency, each.pictures, pictures,
                        each.tasks, tasks);
  }
  return text;
}

std::string ledger_csv(LedgerBy by, std::vector<LedgerRow> const& rows, std::string const& currency) {
  auto text = fmt::format("{},spent,reserved,uncertain,currency,pictures,tasks\r\n", name_of(by));
  for (auto const& each : rows)
    text += fmt::format("{},{},{},{},{},{},{}\r\n", csv_cell(each.key), decimal(each.spent),
                        decimal(each.reserved), decimal(each.uncertain), currency, each.pictures, each.tasks);
  return text;
}

std::string ledger_json(LedgerBy by, std::vector<LedgerRow> const& rows, std::string const& currency) {
  using json = nlohmann::ordered_json;
  std::string text;
  for (auto const& each : rows)
    text += json{{"schema", 1},
                 {name_of(by), each.key},
                 {"cost",
                  {{"spent", decimal(each.spent)},
                   {"reserved", decimal(each.reserved)},
                   {"uncertain", decimal(each.uncertain)},
                   {"currency", currency}}},
                 {"pictures", each.pictures},
                 {"tasks", each.tasks}}
                .dump(-1, ' ', false, json::error_handler_t::replace) +
            "\n";
  return text;
}

}  // namespace wanspool::app
