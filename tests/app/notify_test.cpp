#include "app/notify.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "base/fd.h"
#include "support/place.h"

using namespace wanspool;
using namespace wanspool::app;
using test::Environment;
using test::Place;

TEST_SUITE_BEGIN("app");

namespace {

// A service manager's ear; "@…" is an abstract name.
class Ear {
 public:
  explicit Ear(std::string const& name) : fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = 0;
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr const*>(&address), size) == 0);
  }
  std::string hear() const {
    char text[256];
    auto const got = ::recv(fd_.get(), text, sizeof text, MSG_DONTWAIT);
    return got > 0 ? std::string{text, static_cast<std::size_t>(got)} : std::string{};
  }

 private:
  Fd fd_;
};

}  // namespace

TEST_CASE("the service manager hears what is said, under a path") {
  Place place;
  auto const name = (place / "notify").string();
  Ear const ear{name};
  Environment const set{{{"NOTIFY_SOCKET", name}, {"WATCHDOG_USEC", ""}, {"WATCHDOG_PID", ""}}};
  Notify const notify;
  notify.send("READY=1");
  CHECK(ear.hear() == "READY=1");
  CHECK(notify.watchdog() == milliseconds{0});
}

TEST_CASE("the service manager hears what is said, under an abstract name") {
  auto const name = "@wanspool-test-" + std::to_string(::getpid());
  Ear const ear{name};
  Environment const set{{{"NOTIFY_SOCKET", name}}};
  Notify{}.send("STATUS=done 3");
  CHECK(ear.hear() == "STATUS=done 3");
}

TEST_CASE("the watchdog is ours only if it names us") {
  Environment const ours{{{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", std::to_string(::getpid())}}};
  CHECK(Notify{}.watchdog() == seconds{30});
  Environment const other{{{"WATCHDOG_PID", "1"}}};
  CHECK(Notify{}.watchdog() == milliseconds{0});
}

TEST_CASE("without a service manager nothing is said and nothing fails") {
  Environment const none{{{"NOTIFY_SOCKET", ""}}};
  Notify const notify;
  notify.send("READY=1");
  CHECK_FALSE(notify.is_heard());
}

TEST_SUITE_END();
