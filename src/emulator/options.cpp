#include "emulator/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/files.h"

namespace wanspool::emulator {
namespace {

CLI::Validator nonnegative() {
  auto check = CLI::NonNegativeNumber;
  return check.description("");
}

CLI::Option* length(CLI::App& app, std::string const& name, milliseconds& into, std::string const& help,
                    milliseconds (*read)(std::string_view) = parse_length) {
  return app
      .add_option_function<std::string>(
          name,
          [&into, name, read](std::string const& text) {
            try {
              into = read(text);
            } catch (std::invalid_argument const& error) {
              throw CLI::ValidationError(name, error.what());
            }
          },
          help)
      ->type_name("TIME");
}

// Clocks are fast or slow.
milliseconds signed_length(std::string_view text) {
  bool const slow = text.starts_with('-');
  if (slow || text.starts_with('+')) text.remove_prefix(1);
  return slow ? -parse_length(text) : parse_length(text);
}

void check_victim(Options const& options) {
  for (auto const& rule : options.rules)
    if (rule.fault.manner.shot != Shot::None && options.victim_pid_file.empty())
      throw std::invalid_argument{"a rule that kills needs --victim-pid-file FILE"};
}

void read_faults(Options& options, std::vector<std::string> const& flags, std::string const& script) {
  for (auto const& each : flags) options.rules.push_back(parse_rule(each));
  if (script.empty()) return;
  for (auto& each : parse_script(read_file(script))) options.rules.push_back(std::move(each));
}

Size parse_size(std::string const& text) {
  int width = 0;
  int height = 0;
  char tail = 0;
  auto const fields = std::sscanf(text.c_str(), "%d%*[x*]%d%c", &width, &height, &tail);
  if (fields != 2 || width < 1 || height < 1 || width > 8192 || height > 8192)
    throw CLI::ValidationError("--picture-size", "'" + text + "' is no size such as 64x64, up to 8192x8192");
  return {width, height};
}

void add_world(CLI::App& app, Options& o) {
  app.add_option("--speed", o.speed,
                 "divides every virtual length of time: service time, 24 h life, list delay")
      ->check(CLI::Range(0.001, 1e6).description(""))
      ->capture_default_str()
      ->group("World");
  length(app, "--service-time", o.service_time, "what a task takes (virtual), such as 90s or 0 [90s]")
      ->group("World");
  app.add_option("--spread", o.spread, "a task takes up to this share more or less, by its id's hash")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->capture_default_str()
      ->group("World");
  app.add_option("--slots", o.slots,
                 "tasks in processing, of every model; 0: no end [each model's own: 5, older ones 2]")
      ->check(nonnegative())
      ->type_name("N")
      ->group("World");
  app.add_option("--over-slots", o.over_slots, "what happens to more: queue (PENDING) or refuse (429)")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, OverSlots>{{"queue", OverSlots::Queue}, {"refuse", OverSlots::Refuse}}))
      ->type_name("queue|refuse")
      ->group("World");
  length(app, "--life", o.life, "how long tasks and pictures live after their end (virtual) [24h]")
      ->group("World");
  length(app, "--list-delay", o.list_delay, "how long a new task stays out of the list (virtual) [0]")
      ->group("World");
  length(app, "--clock-skew", o.clock_skew,
         "its clock is so far ahead of the machine's, or behind: -5s (real) [0]", signed_length)
      ->group("World");
  app.add_option(
         "--strangers", o.strangers,
         "so many tasks of other keys of the account are made meanwhile, at a third of the creates and "
         "lists")
      ->check(nonnegative())
      ->type_name("N")
      ->group("World");
  app.add_option("--strangers-own-key", o.strangers_own_key, "the same with the key of whoever asks")
      ->check(nonnegative())
      ->type_name("N")
      ->group("World");
  app.add_option("--seed", o.seed, "ids, spread and chance faults repeat with the same seed")->group("World");
}

void add_limits(CLI::App& app, Options& o) {
  app.add_option("--key", o.key, "the only key that is taken; else any that is not empty")->group("Limits");
  app.add_option("--creates-per-second", o.creates_per_second,
                 "of every model, in any real second; 0: no limit [each model's own: 5, older ones 2]")
      ->check(nonnegative())
      ->type_name("N")
      ->group("Limits");
  app.add_option("--queries-per-second", o.queries_per_second,
                 "queries, lists and cancels, each; 0: no limit")
      ->check(nonnegative())
      ->type_name("N")
      ->capture_default_str()
      ->group("Limits");
  app.add_option("--policies-per-second", o.policies_per_second, "upload policies; 0: no limit")
      ->check(nonnegative())
      ->type_name("N")
      ->capture_default_str()
      ->group("Limits");
  length(app, "--upload-life", o.upload_life, "how long an uploaded file can be used (virtual) [48h]")
      ->group("Limits");
  length(app, "--policy-life", o.policy_life, "how long an upload policy is good (real) [300s]")
      ->group("Limits");
  app.add_option("--body-limit", o.body_limit, "largest request body in bytes")
      ->capture_default_str()
      ->group("Limits");
}

void add_pictures(CLI::App& app, Options& o) {
  app.add_option_function<std::string>(
         "--picture-size", [&o](std::string const& text) { o.picture_size = parse_size(text); },
         "every picture has this size, whatever was asked")
      ->type_name("WxH")
      ->group("Pictures");
  app.add_option("--picture-bytes", o.picture_bytes,
                 "plain pictures, made once per size and padded to so many bytes (for benchmarks)")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 30).description(""))
      ->group("Pictures");
}

}  // namespace

Parsed parse_options(int argc, char const* const* argv) {
  Parsed parsed;
  auto& o = parsed.options;
  std::vector<std::string> faults;
  std::string script;
  CLI::App app{
      "Plays the image provider on loopback: creates of twelve models on the new and the older endpoints, "
      "synchronous calls and event streams, queries, results, uploads; pictures are drawn, not bought."};
  app.name("wanspool-emulator");
  app.set_version_flag("--version", WANSPOOL_VERSION);
  app.add_option("--port", o.port, "port on 127.0.0.1; 0 picks a free one")
      ->check(CLI::Range(0, 65535).description(""))
      ->capture_default_str();
  app.add_option("--port-file", o.port_file, "the port is written here, too, once it is open")
      ->type_name("FILE");
  app.add_flag("--quiet", o.quiet, "no table of the ledger at exit");
  app.add_flag("--verbose", o.verbose, "one line per request on standard error");
  add_world(app, o);
  add_limits(app, o);
  add_pictures(app, o);
  app.add_option("--fault", faults, "a rule, may be repeated; see below")
      ->allow_extra_args(false)
      ->type_name("RULE")
      ->group("Faults");
  app.add_option("--script", script, "rules as JSON: one a line, or an array")
      ->check(CLI::ExistingFile)
      ->type_name("FILE")
      ->group("Faults");
  app.add_option("--victim-pid-file", o.victim_pid_file, "whom kill-before and kill-after kill")
      ->type_name("FILE")
      ->group("Faults");
  app.footer(fault_help());
  try {
    app.parse(argc, argv);
    read_faults(o, faults, script);
    check_victim(o);
  } catch (CLI::ParseError const& error) {
    parsed.exit_code = app.exit(error) == 0 ? 0 : 2;
  } catch (std::exception const& error) {
    fmt::print(stderr, "wanspool-emulator: {}\n", error.what());
    parsed.exit_code = 2;
  }
  return parsed;
}

}  // namespace wanspool::emulator
