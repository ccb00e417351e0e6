#include "engine/world.h"

#include <fmt/format.h>
#include <poll.h>
#include <zlib.h>

#include <algorithm>
#include <stdexcept>

#include "base/time.h"

namespace wanspool::test {
namespace {

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 255);
  return bytes;
}

std::string chunk(std::string const& type, std::string const& data) {
  auto const body = type + data;
  auto const sum = crc32(0, reinterpret_cast<Bytef const*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + body +
         big_endian(static_cast<std::uint32_t>(sum));
}

std::string packed_rows() {
  std::string const rows(16 * 17, '\0');
  std::string packed(256, '\0');
  auto size = static_cast<uLongf>(packed.size());
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<Bytef const*>(rows.data()),
           static_cast<uLong>(rows.size()));
  packed.resize(size);
  return packed;
}

}  // namespace

std::string tiny_png(std::string const& words) {
  static auto const rows = packed_rows();
  auto const head = big_endian(16) + big_endian(16) + std::string{"\x08\0\0\0\0", 5};
  auto const text = words.empty() ? "" : chunk("tEXt", std::string{"Comment"} + '\0' + words);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", head) + text + chunk("IDAT", rows) + chunk("IEND", "");
}

std::string const& tiny_png() {
  static auto const png = tiny_png({});
  return png;
}

std::string_view name_of(World::What what) {
  static constexpr std::string_view kNames[] = {"create", "query", "picture", "list", "cancel"};
  return kNames[static_cast<std::size_t>(what)];
}

std::string_view name_of(World::Fault fault) {
  static constexpr std::string_view kNames[] = {
      "served",     "unreachable", "answer lost",   "request lost",
      "throttled",  "retry later", "unavailable",   "bad gateway",
      "bad key",    "cut",         "not a picture", "expired",
      "unknown",    "task failed", "refused",       "served, bad gateway",
      "answer cut", "garbled",     "timed out",     "denied"};
  return kNames[static_cast<std::size_t>(fault)];
}

milliseconds World::between(milliseconds least, milliseconds most) {
  return milliseconds{std::uniform_int_distribution<std::int64_t>{least.count(), most.count()}(random_)};
}

milliseconds World::any_up_to(milliseconds most) {
  auto const choices = static_cast<std::uint64_t>(std::max<std::int64_t>(0, most.count())) + 1;
  return milliseconds{static_cast<std::int64_t>(dice_() % choices)};
}

bool World::happens(double share) {
  return share > 0 && static_cast<double>(dice_() >> 11) * 0x1p-53 < share;
}

void World::say(std::string const& line) const {
  if (trace) trace(fmt::format("{} {}", rfc3339(now_), line));
}

void World::start(Request request) {
  if (beside && request.url.starts_with(beside->host)) {
    beside->now_ = now_;
    beside->steps = steps;
    return beside->start(std::move(request));
  }
  if (steps) steps->take();
  bool const alone = std::none_of(flights_.begin(), flights_.end(), [&](auto const& each) {
    auto const& other = each.second.request;
    return other.method == request.method && other.url == request.url && other.body == request.body;
  });
  if (!alone) doubled.push_back("the same request is in flight twice: " + request.url + request.body);
  auto const there = between(latency_least, latency_most) / 2,
             back = between(latency_least, latency_most) / 2;
  Flight flight{std::move(request), {}, {}, {}, {}};
  flight.reply.ticket = flight.request.ticket;
  flight.reply.left = true;
  auto at = now_ + there + back;
  serve(flight, now_ + there, at);
  flights_.emplace(at, std::move(flight));
}

void World::deliver(Flight& flight) {
  if (habits.piecemeal && steps) steps->take();
  auto const& sink = flight.request.sink;
  if (!sink || flight.body.empty()) return;
  bool wanted = sink->begin(flight.reply.status, flight.range);
  std::string_view left = flight.body;
  for (auto size = left.size() / 2; wanted && !left.empty(); size = left.size()) {
    if (habits.piecemeal)
      size = 1 + static_cast<std::size_t>(
                     any_up_to(milliseconds{static_cast<std::int64_t>(left.size()) - 1}).count());
    wanted = sink->take(left.substr(0, size));
    left.remove_prefix(size);
    if (habits.piecemeal && steps) steps->take();
  }
  if (wanted) return;
  flight.reply.failure = sink->complaint();
  flight.reply.local = true;
}

std::vector<Reply> World::wait(Instant until, std::span<int const> wake) {
  std::vector<pollfd> fds;
  for (auto const fd : wake) fds.push_back({fd, POLLIN, 0});
  if (!fds.empty() &&
      ::poll(fds.data(), fds.size(), until > now_ ? static_cast<int>(patience.count()) : 0) > 0)
    until = now_;
  auto const then = std::max(now_, std::min(until, next_event()));
  if (then == Instant::max()) throw std::logic_error{"nothing will ever happen again"};
  now_ = then;
  std::vector<Reply> replies;
  deliver_all(replies);
  if (beside) {
    beside->now_ = now_;
    beside->deliver_all(replies);
  }
  return replies;
}

Instant World::next_event() const {
  auto const own = flights_.empty() ? Instant::max() : flights_.begin()->first;
  return beside ? std::min(own, beside->next_event()) : own;
}

void World::deliver_all(std::vector<Reply>& replies) {
  while (!flights_.empty() && flights_.begin()->first <= now_) {
    auto flight = std::move(flights_.begin()->second);
    flights_.erase(flights_.begin());
    deliver(flight);
    if (flight.tells_end && tasks_[*flight.tells_end].noticed == Instant{})
      tasks_[*flight.tells_end].noticed = now_;
    if (trace)
      say(fmt::format("  #{} answered: {} {}", flight.reply.ticket, flight.reply.status,
                      flight.reply.failure));
    replies.push_back(std::move(flight.reply));
  }
}

void World::drop_connections() {
  if (beside) beside->drop_connections();
  std::multimap<Instant, Flight> dropped;
  for (auto& [at, flight] : flights_) {
    flight.reply.status = 0;
    flight.reply.body.clear();
    flight.body.clear();
    flight.reply.failure = "dropped after a sleep";
    flight.tells_end.reset();
    dropped.emplace(now_, std::move(flight));
  }
  flights_ = std::move(dropped);
}

std::vector<Request const*> World::in_flight() const {
  std::vector<Request const*> requests;
  for (auto const& [at, flight] : flights_) requests.push_back(&flight.request);
  return requests;
}

}  // namespace wanspool::test
