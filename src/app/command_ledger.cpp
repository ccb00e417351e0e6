#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>

#include "app/books.h"
#include "app/commands.h"
#include "app/context.h"
#include "app/exit.h"
#include "app/people.h"
#include "app/rows.h"
#include "app/screen.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool ledger                             by day
  wanspool ledger --by model                  or by account
  wanspool ledger --by submitter              whose manifests it was bought for
  wanspool ledger cats dogs --by manifest
  wanspool ledger 'cats/hero*'                by job
  wanspool ledger --by job --csv > costs.csv

spent is charged; reserved is what is under way may cost at most; uncertain was perhaps charged and counts as
spent. Days are local ones. What is nobody's, in orphans/, counts under "orphans", and by submitter under
(unknown) what was bought before manifests' names had owners.)";

std::map<std::string, LedgerBy> const kBy{
    {"day", LedgerBy::Day},           {"model", LedgerBy::Model},
    {"account", LedgerBy::Account},   {"submitter", LedgerBy::Submitter},
    {"manifest", LedgerBy::Manifest}, {"job", LedgerBy::Job}};

struct Options {
  Where where;
  std::vector<std::string> jobs;
  std::string by;  // "" for what the names ask for
  bool json = false, csv = false;
};

struct Books {
  std::vector<LedgerRow> rows;
  LedgerRow total;
};

bool is_manifest(std::string const& word) {
  return word.find_first_of("/*") == word.npos;
}

LedgerBy meant_by(std::string const& by, std::vector<std::string> const& words) {
  if (!by.empty()) return kBy.at(by);
  return std::all_of(words.begin(), words.end(), is_manifest) ? LedgerBy::Day : LedgerBy::Job;
}

// A task that was reserved on one day and settled on another is one task: the total is counted by manifests.
Books of_manifests(Reader& reader, LedgerBy by, std::vector<std::string> const& manifests) {
  Books books;
  std::vector<LedgerRow> counted;
  for (auto const& each : manifests) {
    for (auto& row : reader.ledger(by, each)) books.rows.push_back(std::move(row));
    for (auto& row : reader.ledger(LedgerBy::Manifest, each)) counted.push_back(std::move(row));
  }
  books.rows = merged(books.rows);
  books.total = total_of(counted);
  return books;
}

Books of_jobs(Reader& reader, LedgerBy by, Names names) {
  if (by == LedgerBy::Day || by == LedgerBy::Model || by == LedgerBy::Account || by == LedgerBy::Submitter)
    throw Quit{kWrong,
               fmt::format("by {} the ledger is known for whole manifests; add --by job", name_of(by))};
  std::vector<LedgerRow> rows;
  auto const keep = [&](std::vector<LedgerRow> const& all) {
    for (auto const& each : all)
      if (names.match(each.key)) rows.push_back(each);
  };
  if (names.manifests().empty()) keep(reader.ledger(LedgerBy::Job));
  for (auto const& each : names.manifests()) keep(reader.ledger(LedgerBy::Job, each));
  Books books{by == LedgerBy::Manifest ? by_manifest(rows) : merged(rows), {}};
  books.total = total_of(books.rows);
  return books;
}

Books books_of(Reader& reader, LedgerBy by, std::vector<std::string> const& words) {
  if (words.empty()) return of_manifests(reader, by, {""});
  Names names{words};
  each_job(reader, names, [](JobRow const&) { return true; });
  // What belongs to no job has a name in the ledger as well.
  if (words != std::vector<std::string>{"orphans"}) refuse_unmatched(reader, names);
  std::set<std::string> const manifests{words.begin(), words.end()};
  if (std::all_of(words.begin(), words.end(), is_manifest))
    return of_manifests(reader, by, {manifests.begin(), manifests.end()});
  return of_jobs(reader, by, Names{words});
}

int ledger(Options const& options) {
  auto const context = open_context(options.where);
  auto const words = job_words(options.jobs, std::cin, std::filesystem::current_path(), context.spool);
  auto const by = meant_by(options.by, words);
  Books books;
  {
    auto const reader = reader_of(context.spool);
    if (!reader && !words.empty()) throw Quit{kNoSuch, "nothing has been taken in yet"};
    if (reader) books = books_of(*reader, by, words);
  }
  books.total.key = "total";
  if (by == LedgerBy::Submitter) books.rows = named(std::move(books.rows));
  auto const currency = context.currency();
  // Only a terminal is narrow.
  int const columns = ::isatty(STDOUT_FILENO) ? columns_of(stdout) : 1000;
  auto const text = options.json  ? ledger_json(by, books.rows, currency)
                    : options.csv ? ledger_csv(by, books.rows, currency)
                                  : ledger_table(by, books.rows, books.total, currency, columns);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kFine;
}

}  // namespace

void add_ledger(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("ledger", "What was spent, by day, model, account, submitter, manifest or job");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->jobs,
                      "jobs or manifests; all without it. - reads names from standard input");
  command
      ->add_option(
          "--by", options->by,
          "day, model, account, submitter, manifest or job; unless given day, and job where jobs are named")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"day", "model", "account", "submitter", "manifest", "job"}));
  add_forms(*command, options->json, options->csv, "one object a line");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return ledger(*options); }; });
}

}  // namespace wanspool::app
