#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/files.h"
#include "base/folder.h"
#include "base/log_entry.h"

using namespace wanspool;

TEST_SUITE_BEGIN("base");

namespace {

char const* const kSpeaker = "the speaker says something at each level";

enum class Journal { None, Ours, SomebodyElses };

// The socket of somebody who takes entries; "" where nobody does.
constexpr char kSocket[] = "WANSPOOL_TEST_JOURNAL";

// What this program, started anew as the speaker with its standard error in a file, has written there.
std::vector<std::string> lines_of_speaker(Journal journal, std::string const& speaker = kSpeaker,
                                          std::string const& socket = {}) {
  Folder const folder;
  auto const path = folder / "log";
  Fd const out{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  struct stat seen {};
  REQUIRE(::fstat(out.get(), &seen) == 0);
  auto const inode = seen.st_ino + (journal == Journal::Ours ? 0 : 1);
  auto const stream = "JOURNAL_STREAM=" + std::to_string(seen.st_dev) + ":" + std::to_string(inode);
  auto const wanted = "--test-case=" + speaker;
  auto const takes = std::string{kSocket} + "=" + socket;
  char const* const arguments[] = {"wanspool-tests", "--no-skip", wanted.c_str(), nullptr};
  char const* const environment[] = {"TZ=UTC", takes.c_str(),
                                     journal == Journal::None ? nullptr : stream.c_str(), nullptr};
  auto const child = ::fork();
  if (child == 0) {
    ::dup2(out.get(), STDERR_FILENO);
    ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    ::execve("/proc/self/exe", const_cast<char* const*>(arguments), const_cast<char* const*>(environment));
    ::_exit(127);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  std::vector<std::string> lines;
  std::istringstream text{read_file(path)};
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("the speaker tells of a job" * doctest::skip()) {
  log::set_journal_socket(std::getenv(kSocket));
  if (std::getenv("JOURNAL_STREAM") == nullptr) log::set_format(log::Format::Json);
  log::hide("hunter2-is-secret");
  log::hide("short");
  log::info({"job-done", "cats/hero", "cats", "t-1", "wan2.6-t2i", "main"}, "{} is done", "cats/hero");
  log::warning(
      {.event = "lane-weather", .model = "wan2.6-t2i"},
      "short: key hunter2-is-secret at https://me:pass@h.example/a.png?Expires=1&Signature=abc\nnext");
}

TEST_CASE("the speaker says something at each level" * doctest::skip()) {
  log::set_journal_socket(std::getenv(kSocket));
  log::debug("unheard");
  log::set_level(log::Level::Debug);
  log::debug("one {}", 1);
  log::info("two");
  log::warning("{} {{}}", "three {}");
  log::error("four\nfive\r\x1b[31msix");
  log::set_level(log::Level::Error);
  log::warning("unheard");
  log::set_level(log::Level::Off);
  log::error("unheard");
}

TEST_CASE("a line for a journal that takes no entries carries its level and no time") {
  auto const lines = lines_of_speaker(Journal::Ours);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] == "<7>one 1");
  CHECK(lines[1] == "<6>two");
  CHECK(lines[2] == "<4>three {} {}");
  CHECK(lines[3].substr(0, 7) == "<3>four");
}

TEST_CASE("elsewhere each line carries its time and its level in words") {
  auto const lines = lines_of_speaker(Journal::None);
  REQUIRE(lines.size() == 4);
  CHECK(lines[1].find("+00:00 info: two") != std::string::npos);
  CHECK(lines[1].find('T') == 10);
  CHECK(lines[2].find(" warning: three {} {}") != std::string::npos);
}

TEST_CASE("a journal stream that is not our standard error is somebody else's") {
  auto const lines = lines_of_speaker(Journal::SomebodyElses);
  REQUIRE(lines.size() == 4);
  CHECK(lines[1].find("+00:00 info: two") != std::string::npos);
}

TEST_CASE("what others say cannot start a line of its own or steer a terminal") {
  auto const lines = lines_of_speaker(Journal::Ours);
  REQUIRE(lines.size() == 4);
  CHECK(lines[3] == "<3>four five [31msix");
}

TEST_CASE("the journal takes an event as fields") {
  Folder const folder;
  auto const path = (folder / "journal").string();
  Fd const ear{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(ear.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
  CHECK(lines_of_speaker(Journal::Ours, "the speaker tells of a job", path).empty());
  std::vector<std::string> heard;
  char text[4096];
  for (ssize_t got; (got = ::recv(ear.get(), text, sizeof text, MSG_DONTWAIT)) > 0;)
    heard.emplace_back(text, static_cast<std::size_t>(got));
  REQUIRE(heard.size() == 2);
  CHECK(heard[0] ==
        "MESSAGE=cats/hero is done\nPRIORITY=6\nSYSLOG_IDENTIFIER=wanspool\nWANSPOOL_EVENT=job-done\n"
        "WANSPOOL_JOB=cats/hero\nWANSPOOL_MANIFEST=cats\nWANSPOOL_TASK_ID=t-1\nWANSPOOL_MODEL=wan2.6-t2i\n"
        "WANSPOOL_ACCOUNT=main\n");
  CHECK(heard[1] ==
        "MESSAGE=short: key … at https://…@h.example/a.png?… next\nPRIORITY=4\nSYSLOG_IDENTIFIER=wanspool\n"
        "WANSPOOL_EVENT=lane-weather\nWANSPOOL_MODEL=wan2.6-t2i\n");
}

TEST_CASE("elsewhere an event can be an object of JSON on a line of its own") {
  auto const lines = lines_of_speaker(Journal::None, "the speaker tells of a job");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find(R"({"time":"20)") == 0);
  CHECK(lines[0].substr(lines[0].find(R"("level")")) ==
        R"("level":"info","message":"cats/hero is done","event":"job-done","job":"cats/hero",)"
        R"("manifest":"cats","task_id":"t-1","model":"wan2.6-t2i","account":"main"})");
  CHECK(lines[1].substr(lines[1].find(R"("level")")) ==
        R"("level":"warning","message":"short: key … at https://…@h.example/a.png?… next",)"
        R"("event":"lane-weather","model":"wan2.6-t2i"})");
}

TEST_CASE("what is no UTF-8, a quote or a control is fit for JSON and for one line") {
  auto const json =
      log::json_of(log::Level::Error, {}, "a \"b\" \\ \xff\x01\n\xc2\x9b é", Instant{seconds{1}});
  CHECK(json ==
        "{\"time\":\"1970-01-01T00:00:01.000Z\",\"level\":\"error\",\"message\":"
        "\"a \\\"b\\\" \\\\ ?  é\"}");
}

TEST_CASE("no field of the journal can be forged by what others said") {
  auto const entry =
      log::journal_entry(log::Level::Info, {.event = "x\nPRIORITY=0", .job = "a\nMESSAGE=b"}, "m\nn");
  CHECK(entry ==
        "MESSAGE=m n\nPRIORITY=6\nSYSLOG_IDENTIFIER=wanspool\nWANSPOOL_EVENT=x PRIORITY=0\n"
        "WANSPOOL_JOB=a MESSAGE=b\n");
}

TEST_CASE("addresses lose their query and their password, wherever they stand") {
  auto const shown = [](std::string_view text) { return log::without_secrets(text, {"sk-0123456789"}); };
  CHECK(shown("see https://h/a.png?Signature=x, 'http://u@h?y' and oss://b/c") ==
        "see https://h/a.png?… 'http://…@h?…' and oss://b/c");
  CHECK(shown("Bearer sk-0123456789sk-0123456789!") == "Bearer ……!");
  CHECK(shown("why? because") == "why? because");
}
