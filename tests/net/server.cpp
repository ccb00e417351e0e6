#include "net/server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace wanspool::test {
namespace {

std::string lower(std::string text) {
  for (auto& each : text) each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
  return text;
}

// Takes the first whole request off `unread`.
std::optional<Seen> take_request(std::string& unread) {
  auto const end = unread.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  Seen seen;
  seen.head = unread.substr(0, end + 2);
  auto const length = seen.header("content-length");
  auto const body = length.empty() ? 0 : std::stoul(length);
  if (unread.size() < end + 4 + body) return std::nullopt;
  seen.body = unread.substr(end + 4, body);
  unread.erase(0, end + 4 + body);
  seen.method = seen.head.substr(0, seen.head.find(' '));
  auto const target = seen.method.size() + 1;
  seen.target = seen.head.substr(target, seen.head.find(' ', target) - target);
  return seen;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    auto const sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

std::string Seen::header(std::string_view name) const {
  auto const at = lower(head).find(fmt::format("\r\n{}:", name));
  if (at == std::string::npos) return {};
  auto const value = head.find_first_not_of(' ', at + name.size() + 3);
  return head.substr(value, head.find("\r\n", value) - value);
}

std::string http(int status, std::string_view body, std::string_view extra) {
  return fmt::format("HTTP/1.1 {} Words\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), extra, body);
}

Server::Server(Script script)
    : script_{std::move(script)},
      listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)},
      stop_{::eventfd(0, EFD_CLOEXEC)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (::bind(listener_.get(), plain, length) != 0 || ::listen(listener_.get(), 512) != 0 ||
      ::getsockname(listener_.get(), plain, &length) != 0)
    throw std::runtime_error{"cannot listen on loopback"};
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

Server::~Server() {
  std::uint64_t const one = 1;
  if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
  thread_.join();
}

std::string Server::url(std::string_view path, std::string_view host) const {
  return fmt::format("http://{}:{}{}", host, port_, path);
}

std::vector<Seen> Server::seen() const {
  std::scoped_lock const lock{mutex_};
  return seen_;
}

int Server::count(std::string_view method) const {
  auto const all = seen();
  return static_cast<int>(
      std::count_if(all.begin(), all.end(), [&](auto const& each) { return each.method == method; }));
}

void Server::run() {
  for (;;) {
    std::vector<pollfd> asked{{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (auto const& each : connections_) asked.push_back({each.fd.get(), POLLIN, 0});
    ::poll(asked.data(), asked.size(), -1);
    if (asked[0].revents) return;
    for (std::size_t i = connections_.size(); i-- > 0;)
      if (asked[i + 2].revents && !serve(connections_[i]))
        connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
    if (asked[1].revents) accept_one();
  }
}

void Server::accept_one() {
  Fd fd{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  if (fd) connections_.push_back({std::move(fd), ++accepted_, {}});
}

bool Server::serve(Connection& connection) {
  char piece[65536];
  auto const got = ::recv(connection.fd.get(), piece, sizeof piece, 0);
  if (got <= 0) return false;
  connection.unread.append(piece, static_cast<std::size_t>(got));
  return answer_all(connection);
}

bool Server::answer_all(Connection& connection) {
  while (auto request = take_request(connection.unread)) {
    request->connection = connection.number;
    {
      std::scoped_lock const lock{mutex_};
      seen_.push_back(*request);
    }
    auto const answer = script_(*request);
    send_all(connection.fd.get(), answer.bytes);
    if (answer.after == After::Close) return false;
  }
  return true;
}

}  // namespace wanspool::test
