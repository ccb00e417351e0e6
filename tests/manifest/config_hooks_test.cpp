#include <doctest/doctest.h>

#include "manifest/config.h"
#include "manifest/reading.h"

using namespace wanspool;

TEST_SUITE_BEGIN("manifest");

namespace {

ConfigRead read(std::string const& hooks) {
  return read_config("hooks:\n  " + hooks + "\n", "config.yaml", reading::models());
}

std::string complaint(std::string const& hooks) {
  std::string out;
  for (auto const& each : read(hooks).complaints) out += each.str() + "\n";
  return out;
}

}  // namespace

TEST_CASE("hooks are a program and its arguments for each event, as written") {
  auto const read = read_config(R"(
hooks:
  job: [/usr/local/bin/done, --flag, "two words", "", 12, "$HOME"]
  manifest:
    - /usr/local/bin/all-done
  failure: [/bin/logger]
  stopped:
  time_limit: 2m
)",
                                "config.yaml", reading::models());
  CHECK(read.complaints.empty());
  HookCommands const wanted{
      {{HookEvent::Job, {"/usr/local/bin/done", "--flag", "two words", "", "12", "$HOME"}},
       {HookEvent::Manifest, {"/usr/local/bin/all-done"}},
       {HookEvent::Failure, {"/bin/logger"}}},
      minutes{2}};
  CHECK(read.config.hooks == wanted);
}

TEST_CASE("a hook is no line for a shell, and no program is looked for") {
  constexpr auto kList =
      "config.yaml:2:8: error: job is a list of a program and its arguments, which no shell reads, such as "
      "[/usr/local/bin/done, --quiet], not ";
  CHECK(complaint("job: /bin/true --flag") == std::string{kList} + "'/bin/true --flag'\n");
  CHECK(complaint("job: []").starts_with(kList));
  CHECK(complaint("job: [done]") ==
        "config.yaml:2:9: error: a program is named by its whole path, such as /usr/local/bin/done, not "
        "'done'; nobody looks for it\n");
  CHECK(complaint("job: [/bin/true, [a]]") ==
        "config.yaml:2:20: error: an argument is a text, not a list; in quotes where it is empty\n");
  CHECK(complaint("job: [/bin/true, ~]").find("an argument is a text, not ") != std::string::npos);
  CHECK(complaint(R"(job: [/bin/true, "a\0b"])").find("cannot hold the character 0") != std::string::npos);
  CHECK(read("job: [done]").config.hooks.commands.empty());
}

TEST_CASE("an event that is none is complained of, and so is a limit that is too short or too long") {
  CHECK(complaint("jobs: [/bin/true]").find("did you mean 'job'?") != std::string::npos);
  CHECK(complaint("time_limit: 0s") == "config.yaml:2:15: error: time_limit is from 1s to 1h\n");
  CHECK(complaint("time_limit: 2h") == "config.yaml:2:15: error: time_limit is from 1s to 1h\n");
  CHECK(read("time_limit: 2h").config.hooks.time_limit == seconds{30});
}

TEST_SUITE_END();
