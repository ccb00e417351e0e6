#include "app/request.h"

#include <doctest/doctest.h>

#include "app/exit.h"

using namespace wanspool;
using namespace wanspool::app;

TEST_SUITE_BEGIN("app");

TEST_CASE("a command file says what is asked for, in strings that YAML cannot mistake") {
  Command const redo{Command::Verb::Redo, "0123456789012345", {"cats/hero", "\xE7\x95\xAA/1\"e"}, {}};
  CHECK(text_of(redo) ==
        "command: redo\nid: \"0123456789012345\"\njobs: [\"cats/hero\", \"\xE7\x95\xAA/1\\\"e\"]\n");
  CHECK(file_of(redo) == "redo-0123456789012345.yaml");
  CHECK(text_of({Command::Verb::Adopt, "a", {"cats/hero"}, "1e5"}) ==
        "command: adopt\nid: \"a\"\njobs: [\"cats/hero\"]\ntask_id: \"1e5\"\n");
  CHECK(text_of({Command::Verb::Resume, "a", {}, {}}) == "command: resume\nid: \"a\"\n");
  CHECK(text_of({Command::Verb::List, "a", {}, {}}) == "command: list\nid: \"a\"\n");
  CHECK(text_of({Command::Verb::Cancel, "a", {"cats/**"}, {}}) ==
        "command: cancel\nid: \"a\"\njobs: [\"cats/**\"]\n");
  Command retry{Command::Verb::Retry, "a", {}, {}};
  retry.failed = true;
  CHECK(text_of(retry) == "command: retry\nid: \"a\"\nfailed: true\n");
  Command hurry{Command::Verb::Priority, "a", {"cats"}, {}};
  hurry.priority = Priority::High;
  CHECK(text_of(hurry) == "command: priority\nid: \"a\"\njobs: [\"cats\"]\npriority: high\n");
}

TEST_CASE("every command file is read as it was meant") {
  using Verb = Command::Verb;
  for (auto const verb : {Verb::Redo, Verb::Resume, Verb::Cancel, Verb::Retry, Verb::Pause, Verb::Priority}) {
    Command command{verb, "0123456789abcdef", {"cats/hero", "cats/x"}, {}};
    command.failed = verb == Verb::Retry;
    if (verb == Verb::Priority) command.priority = Priority::Low;
    auto const read = read_command(text_of(command), file_of(command));
    CHECK(read.complaints.empty());
    CHECK(read.command.verb == verb);
    CHECK(read.command.jobs == command.jobs);
    CHECK(read.command.failed == command.failed);
    CHECK(read.command.priority == command.priority);
  }
}

TEST_CASE("ids are sixteen hexadecimal digits and differ") {
  auto const one = new_id(), other = new_id();
  CHECK(one.size() == 16);
  CHECK(one.find_first_not_of("0123456789abcdef") == one.npos);
  CHECK(one != other);
}

TEST_CASE("a yes on the command line is enough") {
  CHECK(is_agreed("?", true));
}

TEST_SUITE_END();
