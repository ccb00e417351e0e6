#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/files.h"
#include "base/folder.h"

using namespace wanspool;

TEST_SUITE_BEGIN("base");

namespace {

char const* const kSpeaker = "the speaker says something at each level";

enum class Journal { None, Ours, SomebodyElses };

// What this program, started anew as the speaker with its standard error in a file, has written there.
std::vector<std::string> lines_of_speaker(Journal journal) {
  Folder const folder;
  auto const path = folder / "log";
  Fd const out{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  struct stat seen {};
  REQUIRE(::fstat(out.get(), &seen) == 0);
  auto const inode = seen.st_ino + (journal == Journal::Ours ? 0 : 1);
  auto const stream = "JOURNAL_STREAM=" + std::to_string(seen.st_dev) + ":" + std::to_string(inode);
  auto const wanted = std::string{"--test-case="} + kSpeaker;
  char const* const arguments[] = {"wanspool-tests", "--no-skip", wanted.c_str(), nullptr};
  char const* const environment[] = {"TZ=UTC", journal == Journal::None ? nullptr : stream.c_str(), nullptr};
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

TEST_CASE("the speaker says something at each level" * doctest::skip()) {
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

TEST_CASE("under the journal each line carries its level and no time") {
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
  CHECK(lines[3] == "<3>four five  [31msix");
}
