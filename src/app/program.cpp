#include "app/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <system_error>
#include <vector>

#include "app/commands.h"
#include "app/exit.h"
#include "base/files.h"
#include "base/harmless.h"
#include "base/nearest.h"
#include "store/store.h"

namespace wanspool::app {
namespace {

constexpr char kFooter[] = R"(First steps:
  wanspool init                 make a spool in ./spool
  wanspool new                  name the sample manifests; wanspool new KIND > cats.yaml takes one
  wanspool plan cats.yaml       say what would be bought, what it costs and how long it takes
  wanspool run cats.yaml        buy its pictures, and leave when they are here
  wanspool status               what is done, what it waits for, what was spent
  wanspool doctor               what is wrong, and what to do about it
  wanspool COMMAND --help       more about each, with examples

JOB is a manifest, a prefix (everything below it), a quoted glob ('*' within a part, '**' across),
a path under out/, or - for names on standard input.

The key:      DASHSCOPE_API_KEY, else $CREDENTIALS_DIRECTORY/dashscope-api-key, else api_key_file: in config.yaml
The endpoint: DASHSCOPE_HTTP_BASE_URL, else endpoint:, or region: and workspace:, in config.yaml,
              else https://dashscope-intl.aliyuncs.com/api/v1

Ends with: 0 all is well; 1 something failed; 2 a wrong command line or manifest; 3 the account (key, unpaid
bill); 4 no such job; 5 verify found something; 6 waits for a person; 70 internal; 73, 74 the disk; 75 another
daemon has the spool; 78 a wrong configuration.)";

int tell(int code, std::string const& words) {
  std::fprintf(stderr, "wanspool: %s\n", harmless_lines(words).c_str());
  return code;
}

int code_of(std::error_code const& error) {
  if (disk_is_full(error) || error == std::errc::permission_denied ||
      error == std::errc::operation_not_permitted || error == std::errc::read_only_file_system ||
      error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
    return kCannotMake;
  return error == std::errc::io_error ? kBrokenDisk : kInternal;
}

std::string meant_command(CLI::App const& program, int argc, char** argv) {
  std::vector<std::string> names;
  for (auto const* const each : program.get_subcommands({})) names.push_back(each->get_name());
  if (argc < 2 || argv[1][0] == '-' || std::find(names.begin(), names.end(), argv[1]) != names.end())
    return {};
  auto const near = nearest(argv[1], names);
  return std::string{"there is no command '"} + argv[1] + "'" +
         (near.empty() ? "; wanspool --help names them" : "; did you mean '" + near + "'?");
}

// "--json excludes --csv" reads as if one of them had a word in it.
std::string words_of(CLI::ParseError const& error) {
  std::string words = error.what();
  static constexpr std::string_view kExcludes = " excludes ";
  if (auto const at = words.find(kExcludes); error.get_name() == "ExcludesError" && at != words.npos)
    words.replace(at, kExcludes.size(), " and ").append(" do not go together; choose one");
  return words;
}

int refuse(CLI::App& program, CLI::ParseError const& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return program.exit(error);
  if (argc < 2) {
    std::fputs(program.help().c_str(), stderr);
    return kWrong;
  }
  if (auto const words = meant_command(program, argc, argv); !words.empty()) return tell(kWrong, words);
  auto const chosen = program.get_subcommands();
  auto const help = chosen.empty() ? "" : " " + chosen.front()->get_name();
  return tell(kWrong, words_of(error) + ("\nwanspool" + help + " --help says what it understands"));
}

// What was written and did not arrive is a failure, not a short success.
int flushed(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  return code == kFine ? tell(kBrokenDisk, "cannot write to standard output") : code;
}

int dispatch(Chosen const& chosen) {
  try {
    return flushed(chosen());
  } catch (Quit const& quit) {
    return tell(quit.exit_code, quit.what());
  } catch (StoreBroken const& broken) {
    return tell(broken.exit_code, broken.what());
  } catch (StoreFull const& full) {
    return tell(kCannotMake, full.what());
  } catch (std::system_error const& error) {
    return tell(code_of(error.code()), error.what());
  } catch (std::exception const& error) {
    return tell(kInternal, error.what());
  }
}

// "wanspool --root DIR run" is "wanspool run --root DIR": which spool may be said first.
std::vector<std::string> command_first(int argc, char** argv) {
  std::vector<std::string> words{argv + std::min(argc, 1), argv + argc};
  auto at = words.begin();
  while (at != words.end() && (at->starts_with("--root") || at->starts_with("--config"))) {
    bool const has_value = at->find('=') != std::string::npos;
    at += std::min<std::ptrdiff_t>(has_value ? 1 : 2, words.end() - at);
  }
  if (at != words.end()) std::rotate(words.begin(), at, at + 1);
  return words;
}

}  // namespace

int run_program(int argc, char** argv) {
  CLI::App program{
      "wanspool buys pictures of Alibaba's Wan models: drop manifests into a folder, find the pictures in a "
      "tree.",
      "wanspool"};
  Chosen chosen;
  add_run(program, chosen);
  add_daemon(program, chosen);
  add_submit(program, chosen);
  add_check(program, chosen);
  add_plan(program, chosen);
  add_status(program, chosen);
  add_top(program, chosen);
  add_list(program, chosen);
  add_show(program, chosen);
  add_why(program, chosen);
  add_wait(program, chosen);
  add_ledger(program, chosen);
  add_verify(program, chosen);
  add_doctor(program, chosen);
  add_adopt(program, chosen);
  add_redo(program, chosen);
  add_cancel(program, chosen);
  add_retry(program, chosen);
  add_pause(program, chosen);
  add_priority(program, chosen);
  add_resume(program, chosen);
  add_backup(program, chosen);
  add_gc(program, chosen);
  add_init(program, chosen);
  add_new(program, chosen);
  add_schema(program, chosen);
  add_models(program, chosen);
  program.set_version_flag("--version", "wanspool " WANSPOOL_VERSION);
  program.footer(kFooter);
  program.require_subcommand(1);
  try {
    auto words = command_first(argc, argv);
    std::reverse(words.begin(), words.end());  // as CLI11 takes them
    program.parse(std::move(words));
  } catch (CLI::ParseError const& error) {
    return refuse(program, error, argc, argv);
  }
  return dispatch(chosen);
}

}  // namespace wanspool::app
