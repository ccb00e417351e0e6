#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/files.h"
#include "whole/books.h"

using namespace wanspool;
using namespace wanspool::whole;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("whole");

namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

// A small file system of our own, seen by us and by what we start only.
class SmallDisk {
 public:
  explicit SmallDisk(fs::path folder) : folder_{std::move(folder)} {
    fs::create_directories(folder_);
    mounted_ = ::unshare(CLONE_NEWNS) == 0 &&
               ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("none", folder_.c_str(), "tmpfs", 0, "size=80m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(SmallDisk const&) = delete;
  SmallDisk& operator=(SmallDisk const&) = delete;

  bool is_mounted() const { return mounted_; }
  // Takes so many bytes, or all there are.
  void fill(std::size_t bytes) const {
    Fd const fd{::open((folder_ / "filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    std::string const piece(4096, 'x');
    for (std::size_t done = 0; done < bytes; done += piece.size())
      if (::write(fd.get(), piece.data(), piece.size()) != static_cast<ssize_t>(piece.size())) return;
  }
  void empty() const { fs::remove(folder_ / "filler"); }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

constexpr char kNoMount[] = "skipped: no file system can be mounted here";

}  // namespace

TEST_CASE("where nobody answers run says so and waits, and it finishes when somebody does") {
  auto const port = closed_port();
  House const house{"http://127.0.0.1:" + std::to_string(port) + "/api/v1"};
  // Without -v a line comes every five seconds.
  auto run = house.start({"run", "-v", house.write("cats.yaml", manifest_of(3))});
  run.await_err("unreachable");
  CHECK(run.is_running());
  CHECK(house.tally()[State::Held] == 0);
  Emulator const emulator{{"--port", std::to_string(port)}};
  CHECK(run.wait() == 0);
  CHECK(lines_of(run.out()).size() == 3);
  check_books(house, emulator);
}

TEST_CASE("with little room nothing is bought until there is more") {
  test::Place const place;
  SmallDisk const disk{place / "disk"};
  if (!disk.is_mounted()) {
    MESSAGE(kNoMount);
    return;
  }
  Emulator const emulator;
  House const house{emulator.endpoint(), kQuick, place / "disk/spool"};
  disk.fill(30 * kMebibyte);
  auto daemon = house.daemon();
  CHECK(house.run({"submit", house.write("cats.yaml", manifest_of(2))}).code == 0);
  daemon.await_err("no picture is bought until there is room: " + house.spool.root.string());
  CHECK(house.tally()[State::Queued] == 2);
  CHECK(emulator.created() == 0);
  disk.empty();
  await(daemon, "all to be done", [&] { return house.tally()[State::Done] == 2; });
  CHECK(daemon.err().find("there is room again") != std::string::npos);
  check_books(house, emulator);
}

TEST_CASE(
    "a disk that fills up while pictures are made tears nothing, and the work goes on when there is room") {
  test::Place const place;
  SmallDisk const disk{place / "disk"};
  if (!disk.is_mounted()) {
    MESSAGE(kNoMount);
    return;
  }
  Emulator const emulator{{"--service-time", "60s"}};
  House const house{emulator.endpoint(), kQuick, place / "disk/spool"};
  auto daemon = house.daemon();
  CHECK(house.run({"submit", house.write("cats.yaml", manifest_of(3, 2))}).code == 0);
  await(daemon, "all to be at the provider", [&] { return emulator.created() == 3; });
  await(daemon, "the daemon to say that the disk is full", [&] {
    disk.fill(80 * kMebibyte);  // again and again: the ballast gives some room back
    auto const said = daemon.err();
    return said.find("No space left") != std::string::npos || said.find("is full") != std::string::npos;
  });
  CHECK(daemon.is_running());
  for (auto const& each : pictures_in(house.spool.out)) CHECK(is_whole_picture(each));
  disk.empty();
  await(daemon, "all to be done", [&] { return house.tally()[State::Done] == 3; });
  CHECK(emulator.created() == 3);
  daemon.signal(SIGTERM);
  CHECK(daemon.wait() == 0);
  check_books(house, emulator);
}
