#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iostream>
#include <optional>

#include "app/commands.h"
#include "app/context.h"
#include "app/exit.h"
#include "app/job_csv.h"
#include "app/removed.h"
#include "app/rows.h"
#include "app/words.h"
#include "engine/inbox_names.h"
#include "engine/metadata.h"
#include "manifest/manifest.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool list                               every job
  wanspool list cats                          the manifest cats
  wanspool list 'cats/*/red' --long           '*' is within a part of a name, '**' across parts
  wanspool list --state failed,held
  wanspool list --state failed --since 12h --error DataInspection
  wanspool list --state missing               done jobs whose files somebody has taken away
  wanspool list --state removed               done jobs whose pictures wanspool gc has removed
  wanspool list --json --state done | jq -r '.pictures[].file'
  wanspool list --json | jq -r .job | wanspool wait -
  wanspool list cats --pictures --csv --bom > cats.csv
  wanspool list --state failed --csv > failed.csv

--csv has the keys of --json as columns: what is nested in cost and times has its own key, an error error_code and
error_message, and pictures stay JSON. cost is what was bought in a job's name, older takes and refills among it, as
in wanspool ledger --by job; a job that got a copy of another's pictures cost nothing, and bought_for names that one.
Words that a spreadsheet would take for a formula get an apostrophe before them.
--pictures shows the current pictures instead: their paths, without those that wanspool gc has removed, or with --json
or --csv the lines of out/MANIFEST/metadata.jsonl, of all.)";

constexpr char kRetired[] = "retired", kMissing[] = "missing", kRemoved[] = "removed", kPaused[] = "paused";
constexpr char kByteOrderMark[] = "\xef\xbb\xbf";
constexpr std::size_t kPrintedAtOnce = 1 << 20;

struct Options {
  Where where;
  std::vector<std::string> jobs, states, manifests;
  std::string since_words, error;
  std::optional<Instant> since = {};
  bool long_form = false, json = false, missing = false;
  bool pictures = false, csv = false, bom = false;

  bool names(std::string_view state) const {
    return std::find(states.begin(), states.end(), state) != states.end();
  }
};

std::vector<std::string> state_names() {
  std::vector<std::string> names{kRetired, kMissing, kRemoved, kPaused};
  for (int state = 0; state < kStates; ++state) names.emplace_back(wanspool::name_of(State{state}));
  return names;
}

// By its code, or by a part of its words in whatever case.
bool has_error(Trouble const& trouble, std::string const& wanted) {
  auto const lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
  };
  return trouble.code == wanted || lower(trouble_words(trouble)).find(lower(wanted)) != std::string::npos;
}

// "2h" or "3d", counted back from `now`, or a day, or a date and time.
Instant since(std::string const& text, Instant now) {
  if (auto const at = read_time(text)) return *at;
  if (auto const at = read_minute(text)) return *at;
  if (auto const day = read_day(text)) return *day;
  if (auto const age = read_age(text)) return now - *age;
  throw Quit{kWrong, fmt::format("--since wants 30s, 90m, 12h, 3d, 2w or 1y, a day such as 2026-11-23, or a "
                                 "time such as 2026-11-23T08:00 or 2026-11-23T08:00:00Z, not '{}'",
                                 one_line(text))};
}

// The last thing we know to have happened.
Instant last_change(Times const& times) {
  return std::max({times.queued, times.sent, times.accepted, times.running, times.finished, times.done});
}

std::string line_of(JobRow const& row, LedgerRow const& bought, std::string_view state,
                    Options const& options, std::string const& currency) {
  auto const& task = row.task;
  auto text = fmt::format("{:<40}  {:<11}  {:>3}/{:<3}  {:>12}", name_of(row), state, task.pictures_safe(),
                          task.wanted, money(bought.spent + bought.reserved + bought.uncertain, currency));
  if (options.long_form)
    text += fmt::format("  {:<24}  {:<36}  {}:{}", local_time(last_change(task.times)),
                        task.task_id.empty() ? "-" : task.task_id, shown_name(row.source), row.line);
  if (auto const words = trouble_words(task.error); !words.empty() && task.state != State::Done)
    text += "  " + words;
  return text;
}

// One job, as it is asked for; what its files say is looked up only where that matters.
class Lines {
 public:
  Lines(Options const& options, Context const& context, Reader& reader)
      : options_{options},
        context_{context},
        reader_{reader},
        glance_{open_glance(context.spool.database)},
        removed_{context.spool} {}

  std::string head() const {
    if (!options_.csv) return {};
    return (options_.bom ? kByteOrderMark : "") + (options_.pictures ? csv_head() : job_csv_head());
  }
  std::string of(JobRow const& row) {
    auto const absent = absence(row);
    bool const wanted = options_.states.empty() || options_.names(wanspool::name_of(row.task.state)) ||
                        (row.retired && options_.names(kRetired)) ||
                        (!absent.empty() && options_.names(absent)) ||
                        (options_.names(kPaused) && shown_state(row) == kPaused);
    if (!wanted || !is_meant(row)) return {};
    has_some_ = true;
    if (options_.pictures) return pictures(row);
    auto const bought = glance_->spent_on(row);
    if (options_.csv) return job_csv(job_json(row, bought, context_.spool, context_.currency()));
    if (options_.json) return job_json(row, bought, context_.spool, context_.currency()) + "\n";
    return line_of(row, bought, absent.empty() ? shown_state(row) : absent, options_, context_.currency()) +
           waiting_of(row.task) + "\n";
  }
  std::int64_t missing() const { return missing_; }
  bool has_some() const { return has_some_; }

 private:
  // "missing", "removed" or "", where it is asked whether files are still there.
  std::string_view absence(JobRow const& row) {
    if (!options_.missing && !options_.names(kMissing) && !options_.names(kRemoved)) return {};
    if (is_missed(row, context_.spool, removed_)) return kMissing;
    return is_removed(row, context_.spool, removed_) ? kRemoved : "";
  }
  bool is_meant(JobRow const& row) const {
    auto const& manifests = options_.manifests;
    if (!manifests.empty() && std::find(manifests.begin(), manifests.end(), row.manifest) == manifests.end())
      return false;
    if (options_.since && last_change(row.task.times) < *options_.since) return false;
    return options_.error.empty() || has_error(row.task.error, options_.error);
  }
  std::string waiting_of(Task const& task) {
    if (task.state != State::Queued || (task.inputs & kJobInput) == 0) return {};
    auto const names = reader_.waits_for(task.id);
    return names.empty() ? std::string{} : fmt::format("  waits for {}", fmt::join(names, ", "));
  }
  std::string pictures(JobRow const& row) {
    std::string text, body;
    std::int64_t body_of = 0;
    bool const is_short = !options_.json && !options_.csv;
    each_current(current_job(reader_, row), [&](Task const& task, Picture const& picture) {
      auto const path = picture_path(row, task, picture, context_.spool);
      std::error_code ignored;
      bool const gone = !std::filesystem::exists(path, ignored);
      bool const removed = gone && removed_.has(path, picture.sha256);
      if (gone && !removed) ++missing_;
      if (is_short && removed) return;
      if (is_short) {
        text += path.string() + "\n";
        return;
      }
      if (body_of != task.id) body = reader_.body(body_of = task.id);
      auto const line = metadata_line(row, task, picture, body, context_.currency());
      text += options_.csv ? csv_line(line) : line + "\n";
    });
    return text;
  }

  Options const& options_;
  Context const& context_;
  Reader& reader_;
  std::unique_ptr<Glance> glance_;
  Removed removed_;  // by wanspool gc: nobody misses it
  std::int64_t missing_ = 0;
  bool has_some_ = false;
};

// A pager that waits holds nothing of the database: the reader has no transaction open between its pages.
void print(std::string& text, std::size_t most) {
  if (text.size() <= most) return;
  std::fwrite(text.data(), 1, text.size(), stdout);
  text.clear();
}

// Of manifests nobody may think that they are empty who has mistyped their names.
void refuse_unknown(Reader& reader, std::vector<std::string> const& manifests) {
  if (manifests.empty()) return;
  Names names{manifests};
  for (auto const& each : manifests)
    if (!reader.standing(each).manifest.empty()) names.find(each);
  refuse_unmatched(reader, names);
}

int list(Options options) {
  for (auto& each : options.manifests) each = normal_name(each);
  // Of a manifest's jobs, those that are named besides; a manifest alone means all of its.
  auto const jobs = options.jobs.empty() ? options.manifests : options.jobs;
  if (options.bom && !options.csv) throw Quit{kWrong, "--bom goes with --csv"};
  auto const context = open_context(options.where);
  // Days begin where the configuration says.
  if (!options.since_words.empty()) options.since = since(options.since_words, BootClock{}.now());
  Names names{job_words(jobs, std::cin, std::filesystem::current_path(), context.spool)};
  auto const reader = reader_of(context.spool);
  if (!reader && !jobs.empty()) throw Quit{kNoSuch, "nothing has been taken in yet"};
  if (!reader) return kFine;
  Lines lines{options, context, *reader};
  auto text = lines.head();
  each_job(*reader, names, [&](JobRow const& row) {
    text += lines.of(row);
    print(text, kPrintedAtOnce);
    return true;
  });
  print(text, 0);
  if (lines.missing() > 0)
    std::fprintf(stderr, "%s; wanspool list --state missing names the jobs\n",
                 (count_of(lines.missing(), "picture") + " of these cannot be found").c_str());
  refuse_unmatched(*reader, names);
  refuse_unknown(*reader, options.manifests);
  // A script reads that from an empty list.
  if (!lines.has_some() && ::isatty(STDERR_FILENO)) std::fputs("no job matches\n", stderr);
  return kFine;
}

// An empty variable of a script would else mean everything.
std::string not_empty(std::string const& text) {
  return text.empty() ? "is empty" : "";
}

}  // namespace

void add_list(CLI::App& program, Chosen& chosen) {
  auto* const command = program.add_subcommand("list", "Jobs: state, pictures, cost and, if any, trouble");
  auto const options = std::make_shared<Options>();
  command->add_option("JOB", options->jobs, "which; all without it. - reads names from standard input");
  command->add_option("--state", options->states, "only these, with commas between")
      ->delimiter(',')
      ->allow_extra_args(false)  // what follows its value is a JOB
      ->type_name("STATE")
      ->check(CLI::IsMember(state_names()));
  command->add_option("--manifest", options->manifests, "only jobs of these, with commas between")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME");
  command
      ->add_option("--since", options->since_words,
                   "only where something has happened since: 90m, 12h, 3d, 2w, a day or a time")
      ->check(not_empty)
      ->type_name("TIME");
  command->add_option("--error", options->error, "only with this trouble: its code, or a part of its words")
      ->check(not_empty)
      ->type_name("WORDS");
  command->add_flag("--long", options->long_form, "when, task id and where it was asked for as well");
  command->add_flag("--missing", options->missing,
                    "look whether pictures of done jobs are gone: missing, or removed by wanspool gc");
  command->add_flag("--pictures", options->pictures, "the current pictures, one a line");
  add_forms(*command, options->json, options->csv, "one object a line");
  command->add_flag("--bom", options->bom, "with --csv: marked as UTF-8, as Excel wants it");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
}

}  // namespace wanspool::app
