#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/deliver.h"
#include "app/exit.h"
#include "app/inspection.h"
#include "app/json_table.h"
#include "app/keeper.h"
#include "app/request.h"
#include "base/files.h"

namespace wanspool::app {

namespace fs = std::filesystem;

namespace {

// The list reaches back 24 hours (contract §8.1); clocks differ.
constexpr hours kListKept{26};

constexpr char kFooter[] = R"(Examples:
  wanspool verify                             the queue, the pictures and the ledger against each other
  wanspool verify --provider                  and the account's tasks of the last 24 hours
  wanspool verify || mail -s 'wanspool' me

Reads every picture. One line for each discrepancy, with what to do; ends with 5 if there is one, with 6 where
nobody can tell yet, else with 0.
--provider asks through whoever works on the spool: a daemon, or a run. What is in old/ is never judged.)";

constexpr minutes kPatience{2};
constexpr int kLookEvery = 100;  // milliseconds
constexpr std::size_t kAnswerMost = 256u << 20;

struct Options {
  Where where;
  bool provider = false, json = false, csv = false;
};

constexpr std::array kColumns{Column{"what", "", "what"}, Column{"advice", "", "advice"},
                              Column{"schema", "", "schema"}};

// The account's list, as whoever has the spool reads it for us.
class Question {
 public:
  Question(Context const& context, Signals& signals) : spool_{context.spool}, signals_{signals} {
    if (!keeper_of(spool_).is_there) nobody();
    answer_ = spool_.answers / (command_.id + ".json");
    delivery_ = deliver(spool_, file_of(command_), text_of(command_));
  }
  ~Question() {
    std::error_code ignored;
    fs::remove(answer_, ignored);
    // What nobody has taken is no question any more.
    fs::remove(spool_.inbox / file_of(command_), ignored);
  }
  Question(Question const&) = delete;
  Question& operator=(Question const&) = delete;

  Listing await_answer() {
    BootClock const clock;
    for (auto const until = clock.now() + kPatience;;) {
      std::error_code ignored;
      if (fs::exists(answer_, ignored)) return answer();
      if (auto const became = what_became(spool_, delivery_); became.fate == Fate::Rejected)
        throw Quit{kFailed, "the account's list was not read:\n" + became.text};
      if (!keeper_of(spool_).is_there) nobody();
      if (clock.now() >= until)
        throw Quit{kPerson,
                   "nobody has answered within 2 minutes; wanspool status says what the daemon waits for"};
      if (signals_.wait(kLookEvery) != 0) throw Quit{kFailed, "interrupted; nothing was compared"};
    }
  }

 private:
  [[noreturn]] static void nobody() {
    throw Quit{
        kPerson,
        "the account's list is read by whoever works on this spool, and nobody does now: start the daemon "
        "(wanspool daemon) or use wanspool run, and ask again"};
  }

  Listing answer() const {
    auto listing = read_listing(read_file(answer_, kAnswerMost));
    if (!listing) throw Quit{kInternal, answer_.string() + " is no answer that this version understands"};
    if (!listing->error.empty())
      throw Quit{kFailed, "the account's list could not be read: " + one_line(listing->error)};
    return std::move(*listing);
  }

  Spool const& spool_;
  Signals& signals_;
  Command command_{Command::Verb::List, new_id(), {}, {}};
  Delivery delivery_;
  fs::path answer_;
};

struct Verdict {
  std::int64_t jobs = 0, orphans = 0, listed = -1;  // -1: the list was not asked for
  Look look;
  Tally tally;
};

Verdict verdict_of(Context const& context, bool provider) {
  std::optional<Listing> listing;
  if (provider) {
    Signals signals{SIGINT, SIGTERM};
    std::fprintf(stderr, "asking for the account's list of tasks\n");
    listing = Question{context, signals}.await_answer();
  }
  // What was listed has its row by now: the queue is read after the list.
  auto const reader = reader_of(context.spool);
  if (!reader) return {};
  // Pictures that were bought since it was copied would all be nobody's.
  if (!reader->fact("stamp").empty() && !keeper_of(context.spool).is_there)
    throw Quit{kPerson,
               "the queue is a copy that was put back; start the daemon first, which looks for what was "
               "bought since, and "
               "ask again"};
  Inspection inspection{context.spool, *reader};
  inspection.inspect();
  Verdict verdict{inspection.jobs(), inspection.orphans(), -1, inspection.look(), inspection.tally()};
  if (!listing) return verdict;
  verdict.listed = static_cast<std::int64_t>(listing->rows.size());
  auto ours = inspection.tasks();
  for (auto& each : reader->former_ids(listing->read_at - kListKept)) ours.former.insert(std::move(each));
  for (auto& each : compare(*listing, ours, context.config.list_delay))
    verdict.look.findings.push_back(std::move(each));
  return verdict;
}

using json = nlohmann::ordered_json;

json finding_json(Finding const& finding) {
  return {{"what", one_line(finding.what)}, {"advice", one_line(finding.advice)}};
}

std::string csv_of(std::vector<Finding> const& findings) {
  auto text = csv_head(kColumns);
  for (auto const& each : findings) {
    auto object = finding_json(each);
    object["schema"] = 1;
    text += csv_line(object.dump(-1, ' ', false, json::error_handler_t::replace), kColumns);
  }
  return text;
}

std::string json_of(Verdict const& verdict, std::string const& currency) {
  auto findings = json::array();
  for (auto const& each : verdict.look.findings) findings.push_back(finding_json(each));
  return json{{"schema", 1},
              {"ok", verdict.look.findings.empty()},
              {"jobs", verdict.jobs},
              {"pictures", verdict.look.pictures},
              {"bytes", verdict.look.bytes},
              {"orphans", verdict.orphans},
              {"cost",
               {{"spent", decimal(verdict.tally.spent)},
                {"reserved", decimal(verdict.tally.reserved)},
                {"uncertain", decimal(verdict.tally.uncertain)},
                {"currency", currency}}},
              {"listed", verdict.listed < 0 ? json(nullptr) : json(verdict.listed)},
              {"findings", std::move(findings)}}
      .dump(2, ' ', false, json::error_handler_t::replace);
}

std::string good_line(Verdict const& verdict, std::string const& currency) {
  auto text = fmt::format(
      "verified {}, {} ({:.1f} MiB), {}, {} spent", count_of(verdict.jobs, "job"),
      count_of(verdict.look.pictures, "picture"), static_cast<double>(verdict.look.bytes) / (1 << 20),
      count_of(verdict.orphans, "orphan"), money(verdict.tally.spent + verdict.tally.uncertain, currency));
  if (verdict.listed >= 0) text += ", " + count_of(verdict.listed, "task") + " of the account";
  return text;
}

int verify(Options const& options) {
  auto const context = open_context(options.where);
  auto const verdict = verdict_of(context, options.provider);
  auto const& findings = verdict.look.findings;
  if (options.json) {
    std::printf("%s\n", json_of(verdict, context.currency()).c_str());
  } else if (options.csv) {
    std::fputs(csv_of(findings).c_str(), stdout);
  } else {
    for (auto const& each : findings)
      std::printf("%s; %s\n", one_line(each.what).c_str(), one_line(each.advice).c_str());
    if (findings.empty()) std::printf("%s\n", good_line(verdict, context.currency()).c_str());
  }
  return findings.empty() ? kFine : kVerify;
}

}  // namespace

void add_verify(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("verify", "Hold queue, pictures and ledger against each other");
  auto const options = std::make_shared<Options>();
  command->add_flag("--provider", options->provider, "the account's list of tasks, too");
  add_forms(*command, options->json, options->csv, "one JSON document",
            "the discrepancies as a table (RFC 4180) with a line of names");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return verify(*options); }; });
}

}  // namespace wanspool::app
