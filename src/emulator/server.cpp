#include "emulator/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace wanspool::emulator {
namespace {

using SteadyClock = std::chrono::steady_clock;

[[noreturn]] void fail(std::string const& wanted) {
  throw std::system_error{errno, std::generic_category(), wanted};
}

}  // namespace

struct Server::Connection {
  Connection(int socket, std::uint64_t number, std::size_t body_limit)
      : fd{socket}, serial{number}, reader{body_limit} {}

  Fd fd;
  std::uint64_t serial;
  Reader reader;
  std::string in;
  std::string out;
  std::size_t sent = 0;
  SteadyTime not_before{};  // nothing is written earlier
  std::size_t rate = 0;     // bytes per second; 0: no limit
  bool answering = false;   // `out` is to go, or the connection hangs
  bool hangs = false;
  bool close_after = false;
  bool shoot_after = false;
  bool drains =
      false;  // what still comes is read and dropped, so that the last answer is not lost to a reset
  bool writing = false;  // epoll tells when there is room
  bool serving = false;  // serve() is at work further up and goes on by itself
  bool gone = false;
};

Server::Server(int port, std::size_t body_limit) : body_limit_{body_limit} {
  listener_ = Fd{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  epoll_ = Fd{::epoll_create1(EPOLL_CLOEXEC)};
  if (!listener_ || !epoll_) fail("cannot open a socket");
  int const yes = 1;
  ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), generic, sizeof address) != 0 || ::listen(listener_.get(), 4096) != 0)
    fail("cannot listen on 127.0.0.1:" + std::to_string(port));
  socklen_t length = sizeof address;
  ::getsockname(listener_.get(), generic, &length);
  port_ = ntohs(address.sin_port);
}

Server::~Server() = default;

void Server::run(Handler& handler, int stop_fd) {
  for (auto const fd : {listener_.get(), stop_fd}) {
    epoll_event event{EPOLLIN, {}};
    event.data.fd = fd;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
  }
  epoll_event events[256];
  for (;;) {
    auto const count = ::epoll_wait(epoll_.get(), events, 256, next_timeout());
    if (count < 0 && errno != EINTR) fail("cannot wait for connections");
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == stop_fd) return;
      if (events[i].data.fd == listener_.get())
        accept_all(handler);
      else
        take(events[i].data.fd, handler);
    }
    run_timers(handler);
    dead_.clear();
  }
}

void Server::accept_all(Handler& handler) {
  for (;;) {
    auto const fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int const yes = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connections_.size() <= static_cast<std::size_t>(fd))
      connections_.resize(static_cast<std::size_t>(fd) + 1);
    auto& place = connections_[static_cast<std::size_t>(fd)];
    place = std::make_unique<Connection>(fd, ++serials_, body_limit_);
    auto& connection = *place;
    epoll_event event{EPOLLIN | EPOLLRDHUP, {}};
    event.data.fd = fd;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
    auto const manner = handler.greet();
    if (manner.shot != Shot::None) handler.shoot();
    if (manner.end == End::Close)
      close(connection);
    else if (manner.end == End::Reset)
      reset(connection);
    else if (manner.end == End::Hang)
      connection.answering = connection.hangs = true;
    else if (manner.delay.count() > 0)
      connection.not_before = SteadyClock::now() + manner.delay;
    // Most requests are there already.
    if (!connection.gone) readable(connection, handler);
  }
}

void Server::take(int fd, Handler& handler) {
  auto const& place = connections_[static_cast<std::size_t>(fd)];
  if (!place) return;
  auto& connection = *place;
  readable(connection, handler);
  if (!connection.gone && connection.answering && !connection.hangs) pump(connection, handler);
}

void Server::readable(Connection& connection, Handler& handler) {
  char piece[65536];
  for (;;) {
    auto const got = ::recv(connection.fd.get(), piece, sizeof piece, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got <= 0) return close(connection);
    if (!connection.hangs && !connection.drains) connection.in.append(piece, static_cast<std::size_t>(got));
    // A request larger than anything we take shows itself here; the reader refuses it.
    if (!connection.answering) serve(connection, handler);
    if (connection.gone) return;
    if (static_cast<std::size_t>(got) < sizeof piece) break;
  }
}

void Server::serve(Connection& connection, Handler& handler) {
  connection.serving = true;
  serve_all(connection, handler);
  connection.serving = false;
}

void Server::serve_all(Connection& connection, Handler& handler) {
  while (!connection.gone && !connection.answering) {
    auto const state = connection.reader.read(connection.in);
    if (connection.reader.wants_continue() && state == Reader::State::More) {
      constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
      [[maybe_unused]] auto const ignored =
          ::send(connection.fd.get(), kGoOn.data(), kGoOn.size(), MSG_NOSIGNAL);
    }
    if (state == Reader::State::More) return;
    if (state == Reader::State::Bad) {
      Answer answer;
      answer.status = connection.reader.complaint_status();
      connection.out = encode(answer, Asked{}).text;
      connection.close_after = connection.answering = connection.drains = true;
      return pump(connection, handler);
    }
    auto const asked = std::move(connection.reader.asked());
    respond(connection, handler, asked);
  }
}

void Server::respond(Connection& connection, Handler& handler, Asked const& asked) {
  auto const answer = handler.answer(asked);
  auto const& manner = answer.manner;
  if (manner.shot == Shot::Before) {
    // Nobody can read an answer that is never sent, however long the victim takes to die.
    handler.shoot();
    return close(connection);
  }
  connection.answering = true;
  connection.hangs = manner.end == End::Hang;
  if (connection.hangs) return;
  if (manner.delay.count() > 0) connection.not_before = SteadyClock::now() + manner.delay;
  if (manner.end == End::Close && manner.delay.count() == 0) return close(connection);
  if (manner.end == End::Reset && manner.delay.count() == 0) return reset(connection);
  connection.rate = manner.bytes_per_second;
  connection.shoot_after = manner.shot == Shot::After;
  auto bytes = manner.end == End::Answer ? encode(answer, asked) : Bytes{{}, true};
  connection.out = std::move(bytes.text);
  connection.close_after = bytes.close;
  pump(connection, handler);
}

bool Server::write_some(Connection& connection) {
  constexpr auto kTick = std::chrono::milliseconds{50};
  auto const left = connection.out.size() - connection.sent;
  auto const piece =
      connection.rate == 0 ? left : std::min(left, std::max<std::size_t>(1, connection.rate / 20));
  auto const done = ::send(connection.fd.get(), connection.out.data() + connection.sent, piece, MSG_NOSIGNAL);
  if (done < 0 && errno == EINTR) return true;
  if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    watch(connection, true);
    return false;
  }
  if (done < 0) {
    close(connection);
    return false;
  }
  connection.sent += static_cast<std::size_t>(done);
  if (connection.rate == 0 || connection.sent == connection.out.size()) return true;
  connection.not_before = SteadyClock::now() + kTick;
  return true;
}

void Server::pump(Connection& connection, Handler& handler) {
  while (connection.sent < connection.out.size()) {
    if (SteadyClock::now() < connection.not_before) {
      watch(connection, false);
      return set_timer(connection, connection.not_before);
    }
    if (!write_some(connection)) return;
  }
  if (SteadyClock::now() < connection.not_before) return set_timer(connection, connection.not_before);
  finished(connection, handler);
}

void Server::finished(Connection& connection, Handler& handler) {
  if (connection.shoot_after) handler.shoot();
  if (connection.drains) {
    ::shutdown(connection.fd.get(), SHUT_WR);
    connection.hangs = true;
    return watch(connection, false);
  }
  if (connection.close_after) return close(connection);
  watch(connection, false);
  connection.out.clear();
  connection.sent = 0;
  connection.answering = connection.shoot_after = false;
  if (!connection.serving && !connection.in.empty()) serve(connection, handler);
}

void Server::run_timers(Handler& handler) {
  while (!timers_.empty() && timers_.top().at <= SteadyClock::now()) {
    auto const timer = timers_.top();
    timers_.pop();
    auto const& place = connections_[static_cast<std::size_t>(timer.fd)];
    if (place && place->serial == timer.serial && place->answering && !place->hangs) pump(*place, handler);
  }
}

int Server::next_timeout() const {
  if (timers_.empty()) return -1;
  auto const wait = std::chrono::ceil<std::chrono::milliseconds>(timers_.top().at - SteadyClock::now());
  return static_cast<int>(std::clamp<long long>(wait.count(), 0, 60'000));
}

void Server::set_timer(Connection& connection, SteadyTime at) {
  timers_.push({at, connection.fd.get(), connection.serial});
}

void Server::watch(Connection& connection, bool writing) {
  if (connection.writing == writing) return;
  connection.writing = writing;
  epoll_event event{EPOLLIN | EPOLLRDHUP | (writing ? EPOLLOUT : 0u), {}};
  event.data.fd = connection.fd.get();
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd.get(), &event);
}

void Server::close(Connection& connection) {
  if (connection.gone) return;
  connection.gone = true;
  auto& place = connections_[static_cast<std::size_t>(connection.fd.get())];
  connection.fd.reset();
  dead_.push_back(std::move(place));
}

void Server::reset(Connection& connection) {
  linger const at_once{1, 0};
  ::setsockopt(connection.fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(connection);
}

}  // namespace wanspool::emulator
