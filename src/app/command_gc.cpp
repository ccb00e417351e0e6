#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/context.h"
#include "app/exit.h"
#include "app/gc.h"
#include "app/json_table.h"
#include "app/request.h"
#include "base/nearest.h"
#include "manifest/manifest.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(Examples:
  wanspool gc                                 what there is, and how old; removes nothing
  wanspool gc --old 30d --dry-run             what would go
  wanspool gc --old 30d --orphans 90d --files 30d --yes
  wanspool gc --old 0d --keep 20G             the oldest of old/, until it has no more than 20 GiB
  wanspool gc --pictures 1y cats dogs         current pictures of these manifests

old/ holds what newer pictures have replaced, orphans/ what was paid for and is no job's, files/ the input pictures
that manifests brought. What is still needed stays: pictures that another job gets copies of or is made from, orphans
that a job in doubt may have bought, inputs of jobs that may still be sent. An AGE is 90s, 90m, 12h, 30d, 6w or 1y. Asks
before it removes; without a terminal it needs --yes. Stopped in the middle it can be run again.)";

struct Options {
  Where where;
  std::array<std::string, kKinds> ages;
  std::vector<std::string> manifests;
  std::string keep;
  bool dry_run = false, yes = false, json = false, csv = false;
};

constexpr std::array kColumns{Column{"kind", "", "kind"},
                              Column{"chosen", "", "chosen"},
                              Column{"files", "", "files"},
                              Column{"bytes", "", "bytes"},
                              Column{"needed", "", "needed"},
                              Column{"oldest", "", "oldest"},
                              Column{"go_files", "go", "files"},
                              Column{"go_bytes", "go", "bytes"},
                              Column{"removed_files", "removed", "files"},
                              Column{"removed_bytes", "removed", "bytes"},
                              Column{"failures", "", "failures"},
                              Column{"trouble", "", "trouble"},
                              Column{"schema", "", "schema"}};

// "20G", in units of 1024.
std::int64_t size_of(std::string const& text) {
  static constexpr std::string_view kUnits = "KMGT";
  auto const digits = text.find_first_not_of("0123456789");
  auto const unit =
      digits == text.npos || text.size() != digits + 1 ? kUnits.npos : kUnits.find(text[digits]);
  bool const is_plain = digits == text.npos && !text.empty();
  if (text.empty() || digits == 0 || std::min(digits, text.size()) > 7 || (!is_plain && unit == kUnits.npos))
    throw Quit{kWrong, fmt::format("--keep wants a size such as 500M or 20G, not '{}'", one_line(text))};
  auto const number = std::int64_t{std::stol(text)};
  return is_plain ? number : number << (10 * (unit + 1));
}

std::string size_words(std::int64_t bytes) {
  static constexpr char const* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; number >= 1024 && unit + 1 < std::size(kUnits); ++unit) number /= 1024;
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", number, kUnits[unit]);
}

std::string files_words(std::int64_t files, std::int64_t bytes) {
  return count_of(files, "file") + ", " + size_words(bytes);
}

GcWishes wishes_of(Options const& options, Instant now) {
  GcWishes wishes;
  for (int kind = 0; kind < kKinds; ++kind) {
    auto const& text = options.ages[static_cast<std::size_t>(kind)];
    if (text.empty()) continue;
    auto const age = read_age(text);
    if (!age)
      throw Quit{kWrong, fmt::format("--{} wants an age such as 12h, 30d or 1y, not '{}'",
                                     name_of(Kind{kind}), one_line(text))};
    if (Kind{kind} == Kind::Files && *age < kFilesLeast)
      throw Quit{kWrong,
                 "--files wants 2d at least: what is newer may belong to what is just being taken in"};
    wishes.before[static_cast<std::size_t>(kind)] = now - *age;
  }
  if (!options.keep.empty()) wishes.keep = std::max<std::int64_t>(1, size_of(options.keep));
  bool const some = std::any_of(wishes.before.begin(), wishes.before.end(),
                                [](auto const& each) { return each.has_value(); });
  if (!some && (options.yes || !options.keep.empty()))
    throw Quit{kWrong, "of what? name --old, --orphans, --files or --pictures, each with an age"};
  for (auto const& each : options.manifests) wishes.manifests.push_back(normal_name(each));
  if (wishes.of(Kind::Pictures).has_value() == wishes.manifests.empty())
    throw Quit{kWrong, wishes.manifests.empty()
                           ? "--pictures wants the manifests whose current pictures are to go"
                           : "manifests go with --pictures AGE, which removes their current pictures"};
  return wishes;
}

void refuse_unknown(Housekeeping& house, std::vector<std::string> const& manifests) {
  if (manifests.empty()) return;
  auto const known = house.manifests();
  for (auto const& each : manifests) {
    if (std::binary_search(known.begin(), known.end(), each)) continue;
    auto const near = nearest(each, known);
    throw Quit{kNoSuch,
               fmt::format("no manifest is called '{}'{}", one_line(each),
                           near.empty() ? "; wanspool list names them" : "; did you mean '" + near + "'?")};
  }
}

std::string line_of(GcFinding const& finding, bool is_chosen) {
  auto text = fmt::format("{:<9} {}", name_of(finding.kind), files_words(finding.files, finding.bytes));
  if (finding.needed > 0) text += fmt::format(", {} still needed", finding.needed);
  if (finding.oldest != Instant{}) text += fmt::format(", oldest {}", local_minute(finding.oldest));
  if (is_chosen) text += fmt::format("; {} to go", files_words(finding.go_files, finding.go_bytes));
  return text;
}

using json = nlohmann::ordered_json;

json kinds_json(GcWishes const& wishes, std::vector<GcFinding> const& findings,
                std::vector<Swept> const& swept) {
  auto kinds = json::array();
  for (std::size_t i = 0; i < findings.size(); ++i) {
    auto const& each = findings[i];
    auto const done = swept.empty() ? Swept{} : swept[i];
    auto const oldest = rfc3339(each.oldest);
    kinds.push_back({{"kind", name_of(each.kind)},
                     {"chosen", wishes.of(each.kind).has_value()},
                     {"files", each.files},
                     {"bytes", each.bytes},
                     {"needed", each.needed},
                     {"oldest", oldest.empty() ? json(nullptr) : json(oldest)},
                     {"go", {{"files", each.go_files}, {"bytes", each.go_bytes}}},
                     {"removed", {{"files", done.files}, {"bytes", done.bytes}}},
                     {"failures", done.failures},
                     {"trouble", done.trouble.empty() ? json(nullptr) : json(one_line(done.trouble))}});
  }
  return kinds;
}

std::string json_of(Context const& context, json kinds, bool removed) {
  return json{{"schema", 1},
              {"root", context.spool.root.string()},
              {"removed", removed},
              {"kinds", std::move(kinds)}}
             .dump(2, ' ', false, json::error_handler_t::replace) +
         "\n";
}

std::string csv_of(json const& kinds) {
  auto text = csv_head(kColumns);
  for (auto each : kinds) {
    each["schema"] = 1;
    text += csv_line(each.dump(-1, ' ', false, json::error_handler_t::replace), kColumns);
  }
  return text;
}

// Returns what the program ends with.
int tell(std::vector<GcFinding> const& findings, std::vector<Swept> const& swept, bool is_for_people) {
  bool failed = false;
  for (std::size_t i = 0; i < swept.size(); ++i) {
    auto const& each = swept[i];
    if (is_for_people && findings[i].go_files > 0)
      std::printf("%s\n", fmt::format("{:<9} removed {}", name_of(findings[i].kind),
                                      files_words(each.files, each.bytes))
                              .c_str());
    if (each.failures == 0) continue;
    failed = true;
    std::fprintf(stderr, "%s%s\n", one_line(each.trouble).c_str(),
                 each.failures > 1 ? fmt::format(" (and {} more)", each.failures - 1).c_str() : "");
  }
  return failed ? kFailed : kFine;
}

int gc(Options const& options) {
  auto const now = BootClock{}.now();
  auto const wishes = wishes_of(options, now);
  auto const context = open_context(options.where);
  auto const reader = reader_of(context.spool);
  // Without the queue nobody can tell what is needed.
  if (!reader) {
    std::fputs("wanspool: nothing has been taken in yet, so there is nothing to remove\n", stderr);
    return kFine;
  }
  auto const house = open_housekeeping(context.spool.database);
  refuse_unknown(*house, wishes.manifests);
  Gc collection{context.spool, *reader, *house, wishes, now};
  auto const findings = collection.survey();
  std::int64_t files = 0, bytes = 0;
  for (auto const& each : findings) {
    files += each.go_files;
    bytes += each.go_bytes;
  }
  bool const is_for_people = !options.json && !options.csv;
  if (is_for_people) {
    std::printf("spool %s\n", one_line(context.spool.root.string()).c_str());
    for (auto const& each : findings)
      std::printf("%s\n", line_of(each, wishes.of(each.kind).has_value()).c_str());
    std::fflush(stdout);
  }
  std::vector<Swept> swept;
  if (files > 0 && !options.dry_run) {
    if (!is_agreed("Remove " + files_words(files, bytes) + "?", options.yes)) return kPerson;
    swept = collection.remove(findings);
  }
  if (!is_for_people) {
    auto kinds = kinds_json(wishes, findings, swept);
    auto const text = options.csv ? csv_of(kinds) : json_of(context, std::move(kinds), !swept.empty());
    std::fputs(text.c_str(), stdout);
  }
  return tell(findings, swept, is_for_people);
}

}  // namespace

void add_gc(CLI::App& program, Chosen& chosen) {
  auto* const command =
      program.add_subcommand("gc", "Remove by age and size what is not needed: old/, orphans/, files/");
  auto const options = std::make_shared<Options>();
  auto const age = [&](Kind kind, char const* words) {
    command
        ->add_option("--" + std::string{name_of(kind)}, options->ages[static_cast<std::size_t>(kind)], words)
        ->type_name("AGE");
  };
  age(Kind::Old, "what newer pictures have replaced, longer ago than this");
  age(Kind::Orphans, "pictures that are no job's, fetched longer ago");
  age(Kind::Files, "input pictures that no job needs, nor one that was done since; 2d at least");
  age(Kind::Pictures, "current pictures of these manifests, done longer ago");
  command->add_option("MANIFEST", options->manifests, "whose current pictures --pictures means");
  command->add_option("--keep", options->keep, "leave so much of each, the newest: 500M, 20G")
      ->type_name("SIZE");
  auto* const dry = command->add_flag("--dry-run", options->dry_run, "only say what would go");
  command->add_flag("--yes", options->yes, "remove it without being asked")->excludes(dry);
  add_forms(*command, options->json, options->csv, "one JSON document",
            "a table (RFC 4180) with a line for each kind");
  add_where(*command, options->where);
  command->footer(kFooter);
  command->callback([options, &chosen] { chosen = [options] { return gc(*options); }; });
}

}  // namespace wanspool::app
