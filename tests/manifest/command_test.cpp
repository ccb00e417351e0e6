#include <string>

#include "manifest/reading.h"

using namespace wanspool;
using Verb = Command::Verb;

TEST_SUITE_BEGIN("manifest");

namespace {

std::string complaints(std::string_view text) {
  std::string out;
  for (auto const& each : read_command(text, "c.yaml").complaints) out += each.str() + "\n";
  return out;
}

Command good(std::string_view text) {
  auto const read = read_command(text, "c.yaml");
  CHECK(complaints(text) == "");
  return read.command;
}

}  // namespace

TEST_CASE("a text with the key command is a command, and one with jobs of a manifest is none") {
  CHECK(is_command("command: redo\njobs: [cats/tabby]\n"));
  CHECK(is_command("jobs: [cats/tabby]\nid: 7\ncommand: redo\n"));
  CHECK(is_command("{\"jobs\": [\"cats/tabby\"], \"command\": \"redo\"}"));
  CHECK(is_command("command:\n"));
  CHECK(is_command("command: rado\ncommand: redo\nwhat: ever\n"));
  CHECK_FALSE(is_command("manifest: 1\njobs:\n  - { id: a, prompt: command }\n"));
  CHECK_FALSE(is_command("manifest: 1\ncommand: redo\n"));
  CHECK_FALSE(is_command("jobs:\n  - id: a\n    command: redo\nmanifest: 1\n"));
  CHECK_FALSE(is_command("defaults: { command: redo }\nmanifest: 1\n"));
}

TEST_CASE("what is no mapping, broken or no text at all is no command") {
  for (auto const* const text :
       {"", "# command: redo\n", "command", "- command: redo\n", "\"command: redo\n",
        "\xff\xfe command: redo\n", "command\xef\xbc\x9a redo\n", "*command: redo\n"})
    CHECK_FALSE(is_command(text));
}

TEST_CASE("a text that breaks off after its command is a command that cannot be carried out") {
  constexpr auto kBroken = "command: redo\njobs: [cats/tabby\n";
  CHECK(is_command(kBroken));
  CHECK_FALSE(complaints(kBroken).empty());
}

TEST_CASE("redo names its jobs, each part normalised as in its manifest") {
  auto const command = good("command: redo\nid: redo-2026.01_7\njobs: [cats/tabby, My Cats/Tom & Jerry]\n");
  CHECK(command.verb == Verb::Redo);
  CHECK(command.id == "redo-2026.01_7");
  CHECK(command.jobs == std::vector<std::string>{"cats/tabby", "my-cats/tom-jerry"});
  CHECK(command.task_id.empty());
}

TEST_CASE("redo may say a price that is agreed to, and no other command does") {
  auto const command = good("command: redo\njobs: [cats/tabby]\nprice: 60.50 CNY\n");
  CHECK(command.price == Money{60'500'000});
  CHECK(command.currency == "CNY");
  CHECK_FALSE(good("command: redo\njobs: [cats/tabby]\n").price);
  for (std::string const wrong : {"60CNY", "CNY", "a lot", "-1 CNY", "1.2.3 CNY"})
    CHECK(complaints("command: redo\njobs: [cats/tabby]\nprice: " + wrong + "\n") ==
          "c.yaml:3:8: error: price is what all of them may cost, such as '60 CNY', not '" + wrong + "'\n");
  CHECK(complaints("command: pause\nprice: 60 CNY\n") ==
        "c.yaml:2:1: error: pause wants no 'price'; take it out\n");
}

TEST_CASE("a command without an id has none, and a number can be one") {
  CHECK(good("command: resume\n").id.empty());
  CHECK(good("command: resume\nid: 17\n").id == "17");
}

TEST_CASE("adopt names one job and one task") {
  auto const command =
      good("command: adopt\njobs: [cats/tabby]\ntask_id: 0a9d4e77-51c3-4f0b-9b52-6d1a3c2e8f10\n");
  CHECK(command.verb == Verb::Adopt);
  CHECK(command.jobs == std::vector<std::string>{"cats/tabby"});
  CHECK(command.task_id == "0a9d4e77-51c3-4f0b-9b52-6d1a3c2e8f10");
}

TEST_CASE("cancel, retry, pause, resume and priority name manifests, what lies below a name, and patterns") {
  for (auto const* const verb : {"cancel", "retry", "pause", "resume"}) {
    auto const command =
        good(std::string{"command: "} + verb + "\njobs: [Fruit Salad, nuts/Hazel, 'n*/**']\n");
    CHECK(command.jobs == std::vector<std::string>{"fruit-salad", "nuts/hazel", "n*/**"});
    CHECK_FALSE(command.failed);
  }
  CHECK(complaints("command: cancel\njobs: [nuts, Nuts]\n") ==
        "c.yaml:2:14: error: the name 'nuts' stands here a second time\n");
  CHECK(complaints("command: cancel\njobs: []\n") ==
        "c.yaml:2:7: error: jobs is empty; cancel wants a list of names such as [cats, dogs/rex, "
        "'birds/**']\n");
  CHECK(complaints("command: cancel\n") ==
        "c.yaml: error: cancel wants jobs: a list of names such as [cats, dogs/rex, 'birds/**']\n");
  CHECK(complaints("command: cancel\njobs: ['/']\n") ==
        "c.yaml:2:8: error: '/' names no job; '**' means all\n");
}

TEST_CASE("pause and resume mean the whole spool without jobs, retry what has failed") {
  CHECK(good("command: pause\n").jobs.empty());
  CHECK(good("command: retry\nfailed: true\n").failed);
  CHECK(good("command: retry\nfailed: true\njobs: [cats]\n").failed);
  CHECK_FALSE(good("command: retry\nfailed: false\njobs: [cats]\n").failed);
  CHECK(complaints("command: retry\n") ==
        "c.yaml: error: retry wants jobs: a list of names such as [cats, dogs/rex, 'birds/**']; or failed: "
        "true, all that has failed\n");
  CHECK(complaints("command: retry\nfailed: perhaps\njobs: [a]\n").starts_with("c.yaml:2:9: error: failed"));
  CHECK(complaints("command: pause\nfailed: true\n") ==
        "c.yaml:2:1: error: pause wants no 'failed'; take it out\n");
}

TEST_CASE("priority wants its level, and no other command has one") {
  auto const command = good("command: priority\npriority: low\njobs: [cats]\n");
  CHECK(command.verb == Verb::Priority);
  CHECK(command.priority == Priority::Low);
  CHECK(complaints("command: priority\njobs: [cats]\n") ==
        "c.yaml: error: priority wants 'priority: high', normal or low beside its jobs\n");
  CHECK(complaints("command: priority\npriority: urgent\njobs: [cats]\n") ==
        "c.yaml:2:11: error: priority is high, normal or low, not 'urgent'\n");
  CHECK(complaints("command: pause\npriority: low\n") ==
        "c.yaml:2:1: error: pause wants no 'priority'; take it out\n");
}

TEST_CASE("resume and list can stand alone") {
  CHECK(good("command: resume\n").verb == Verb::Resume);
  CHECK(good("{command: list, id: a}").verb == Verb::List);
  CHECK(complaints("command: list\ntask_id: a\n") ==
        "c.yaml:2:1: error: list wants no 'task_id'; take it out\n");
}

TEST_CASE("a command that is unknown or missing is named with what there is") {
  CHECK(complaints("command: readopt\n") ==
        "c.yaml:1:10: error: command wants redo, adopt, cancel, retry, pause, resume, priority or list, not "
        "'readopt'; did you mean 'adopt'?\n");
  CHECK(complaints("command: frobnicate\n") ==
        "c.yaml:1:10: error: command wants redo, adopt, cancel, retry, pause, resume, priority or list, not "
        "'frobnicate'\n");
  CHECK(complaints("command: Redo\njobs: [a/b]\n").find("did you mean 'redo'?") != std::string::npos);
  CHECK(complaints("command: [redo]\n") == "c.yaml:1:10: error: command wants a text, not a list\n");
  CHECK(complaints("jobs: [a/b]\n") ==
        "c.yaml: error: this command says not what to do; 'command' is redo, adopt, cancel, retry, pause, "
        "resume, priority or list\n");
}

TEST_CASE("a key that no command has is complained of") {
  CHECK(complaints("command: resume\njob: a/b\nfrom: x\n") ==
        "c.yaml:2:1: error: a command has no key 'job'; did you mean 'jobs'?\n"
        "c.yaml:3:1: error: a command has no key 'from'\n");
  CHECK(complaints("command: resume\ncommand: list\n") ==
        "c.yaml:2:1: error: the key 'command' stands here a second time; first at 1:1\n");
}

TEST_CASE("redo without jobs, or with what is no list of them, is told what it wants") {
  CHECK(complaints("command: redo\n") ==
        "c.yaml: error: redo wants jobs: a list of names such as [cats/tabby]\n");
  CHECK(complaints("command: redo\njobs:\n") ==
        "c.yaml:2:1: error: redo wants jobs: a list of names such as [cats/tabby]\n");
  CHECK(complaints("command: redo\njobs: []\n") ==
        "c.yaml:2:7: error: jobs is empty; redo wants a list of names such as [cats/tabby]\n");
  CHECK(complaints("command: redo\njobs: cats/tabby\n") ==
        "c.yaml:2:7: error: jobs is a list of names such as [cats/tabby], not 'cats/tabby'\n");
  CHECK(complaints("command: redo\njobs: [a/b]\ntask_id: t\n") ==
        "c.yaml:3:1: error: redo wants no 'task_id'; take it out\n");
}

TEST_CASE("a job is a manifest and a job, each with something left of its name") {
  for (auto const* const name : {"cats", "cats/", "/tabby", "a//c", "a/b/", "../b", "cats/..", "'!/b'"})
    CHECK(complaints(std::string{"command: redo\njobs: ["} + name + "]\n")
              .starts_with("c.yaml:2:8: error: a job is named MANIFEST/JOB, not '"));
  CHECK(complaints("command: redo\njobs: [a/b, [c]]\n") ==
        "c.yaml:2:13: error: a job wants a text, not a list\n");
}

TEST_CASE("a job of a row, an axis or a take is named with all its parts") {
  CHECK(complaints("command: redo\njobs: [catalog/00471/Ink, sketch/t2, a/b/c/d/t3]\n") == "");
}

TEST_CASE("a pattern is not taken for a name, and no job stands twice") {
  CHECK(complaints("command: redo\njobs: ['cats/t*']\n") ==
        "c.yaml:2:8: error: 'cats/t*' is a pattern; here every job is named by itself\n");
  CHECK(complaints("command: redo\njobs: [cats/tabby, Cats/Tabby]\n") ==
        "c.yaml:2:20: error: the job 'cats/tabby' stands here a second time\n");
}

TEST_CASE("adopt with another number of jobs, or without its task, is told what it wants") {
  CHECK(complaints("command: adopt\njobs: [a/b, c/d]\ntask_id: t\n") ==
        "c.yaml:2:7: error: adopt wants exactly one job, not 2\n");
  CHECK(complaints("command: adopt\njobs: [a/b]\n") ==
        "c.yaml: error: adopt wants a task_id: the task of the account that is the job's\n");
  CHECK(complaints("command: adopt\njobs: [a/b]\ntask_id: a/../b\n") ==
        "c.yaml:3:10: error: 'a/../b' can be no task_id; show lists those that may be the job's\n");
  CHECK(complaints("command: adopt\njobs: [a/b]\ntask_id: \n").find("task_id") != std::string::npos);
}

TEST_CASE("an id is 1 to 80 letters, digits, points, lines and dashes") {
  auto const with = [](std::string const& id) { return complaints("command: resume\nid: " + id + "\n"); };
  CHECK(with(std::string(80, 'a')) == "");
  CHECK(with(std::string(81, 'a')).starts_with("c.yaml:2:5: error: id wants 1 to 80 letters"));
  CHECK(with("a/b") == "c.yaml:2:5: error: id wants 1 to 80 letters, digits, '.', '_' or '-', not 'a/b'\n");
  CHECK(with("''") == "c.yaml:2:5: error: id is empty\n");
  CHECK_FALSE(with("é").empty());
}

TEST_CASE("jobs that are maps are a manifest's, whatever stands below them") {
  CHECK_FALSE(is_command("jobs:\n  - { id: a, prompt: p }\ncommand: redo\n"));
  CHECK(is_command("jobs:\n  - cats/tabby\ncommand: redo\n"));
}
