#include "engine/world.h"

#include <fmt/format.h>
#include <poll.h>
#include <zlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

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

std::string made_png() {
  std::string const rows(16 * 17, '\0');
  std::string packed(256, '\0');
  auto size = static_cast<uLongf>(packed.size());
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<Bytef const*>(rows.data()),
           static_cast<uLong>(rows.size()));
  packed.resize(size);
  auto const head = big_endian(16) + big_endian(16) + std::string{"\x08\0\0\0\0", 5};
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", head) + chunk("IDAT", packed) + chunk("IEND", "");
}

}  // namespace

std::string const& tiny_png() {
  static auto const png = made_png();
  return png;
}

void World::forget(std::string const& task_id) {
  for (auto& task : tasks_)
    if (task.id == task_id) task.id += " (forgotten)";
}

milliseconds World::between(milliseconds least, milliseconds most) {
  return milliseconds{std::uniform_int_distribution<std::int64_t>{least.count(), most.count()}(random_)};
}

void World::start(Request request) {
  if (steps) steps->take();
  auto const there = between(latency_least, latency_most) / 2,
             back = between(latency_least, latency_most) / 2;
  Flight flight{std::move(request), {}, {}};
  flight.reply.ticket = flight.request.ticket;
  flight.reply.left = true;
  serve(flight, now_ + there);
  flights_.emplace(now_ + there + back, std::move(flight));
}

int World::in_window(std::deque<Instant>& arrivals, Instant arrival) {
  arrivals.insert(std::upper_bound(arrivals.begin(), arrivals.end(), arrival), arrival);
  while (arrivals.front() + seconds{5} < arrival) arrivals.pop_front();
  int most = 0;
  for (auto const at : arrivals)
    most =
        std::max(most, static_cast<int>(std::count_if(arrivals.begin(), arrivals.end(), [&](Instant other) {
                   return other >= at && other < at + seconds{1};
                 })));
  return most;
}

int World::processing_at(Instant at) const {
  return static_cast<int>(std::count_if(
      tasks_.begin(), tasks_.end(), [&](auto const& task) { return task.begins <= at && at < task.ends; }));
}

void World::refuse(Flight& flight, int status, std::string const& code, std::string const& message) {
  flight.reply.status = status;
  flight.reply.body = nlohmann::json{{"code", code}, {"message", message}, {"request_id", "r-0"}}.dump();
}

void World::serve(Flight& flight, Instant arrival) {
  auto const& url = flight.request.url;
  for (auto const& header : flight.request.headers)
    if (header.name == "Authorization") authorization = header.value;
  auto const what = flight.request.method == Method::Post             ? What::Create
                    : url.find("/api/v1/tasks/") != std::string::npos ? What::Query
                                                                      : What::Picture;
  auto const number = what == What::Create ? ++creates : what == What::Query ? ++queries : ++pictures;
  auto const bad = fault(what, number, now_);
  auto& reply = flight.reply;
  if (bad == Fault::Unreachable) {
    reply.left = false;
    reply.failure = "cannot connect: connection refused";
    return;
  }
  if (what == What::Create) most_creates = std::max(most_creates, in_window(create_arrivals_, arrival));
  if (what == What::Query) most_queries = std::max(most_queries, in_window(query_arrivals_, arrival));
  switch (bad) {
    case Fault::LostRequest:
      reply.failure = "connection reset by peer";
      return;
    case Fault::Throttled:
      return refuse(flight, 429, "Throttling.RateQuota", "Requests rate limit exceeded");
    case Fault::RetryLater:
      reply.headers.push_back({"retry-after", "1849295"});
      return refuse(flight, 429, "Throttling.AllocationQuota", "The plan quota has been exhausted.");
    case Fault::Unavailable:
      return refuse(flight, 503, "ModelUnavailable", "Model is unavailable");
    case Fault::BadGateway:
      reply.status = 502;
      reply.body = "<html><body>Bad Gateway</body></html>";
      return;
    case Fault::BadKey:
      return refuse(flight, 401, "InvalidApiKey", "Invalid API-key provided.");
    case Fault::Refused:
      return refuse(flight, 400, "DataInspectionFailed", "Input data may contain inappropriate content.");
    default:
      break;
  }
  if (what == What::Create) serve_create(flight, arrival);
  if (what == What::Query) serve_query(flight, arrival, bad);
  if (what == What::Picture) serve_picture(flight, bad);
  if (bad == Fault::LostAnswer) {
    reply = Reply{};
    reply.ticket = flight.request.ticket;
    reply.left = true;
    reply.failure = "connection reset by peer";
  }
}

void World::serve_create(Flight& flight, Instant arrival) {
  auto const body = nlohmann::json::parse(flight.request.body);
  auto const& parameters = body.at("parameters");
  auto const wanted = parameters.value("enable_interleave", false) ? parameters.value("max_images", 5)
                                                                   : parameters.value("n", 4);
  Task task;
  task.id = fmt::format("task-{}", tasks_.size() + 1);
  task.request_id = fmt::format("request-{}", tasks_.size() + 1);
  task.pictures = std::max(0, wanted - pictures_short);
  // A free slot now, or the first that will be free.
  task.begins = arrival;
  if (slots > 0 && processing_at(arrival) >= slots) {
    std::vector<Instant> ends;
    for (auto const& other : tasks_)
      if (other.ends > arrival) ends.push_back(other.ends);
    std::sort(ends.begin(), ends.end());
    task.begins = ends[ends.size() - static_cast<std::size_t>(slots)];
  }
  task.ends = task.begins + between(service_least, service_most);
  tasks_.push_back(task);
  ++accepted[flight.request.body];
  billed += task.pictures;
  // What is outstanding counts from its acceptance, begun or not: more than the slots would be a broken
  // limit.
  most_at_once = std::max(
      most_at_once, static_cast<int>(std::count_if(tasks_.begin(), tasks_.end(),
                                                   [&](auto const& each) { return arrival < each.ends; })));
  flight.reply.status = 200;
  flight.reply.body = nlohmann::json{
      {"output", {{"task_status", "PENDING"}, {"task_id", task.id}}},
      {"request_id",
       task.request_id}}.dump();
}

void World::serve_query(Flight& flight, Instant arrival, Fault bad) {
  auto const id = flight.request.url.substr(flight.request.url.rfind('/') + 1);
  auto const found =
      std::find_if(tasks_.begin(), tasks_.end(), [&](auto const& task) { return task.id == id; });
  nlohmann::json output{{"task_id", id}};
  nlohmann::json answer{{"request_id", "query"}};
  if (found == tasks_.end() || bad == Fault::Unknown || arrival > found->ends + hours{24}) {
    output["task_status"] = "UNKNOWN";
  } else if (arrival < found->begins) {
    output["task_status"] = "PENDING";
  } else if (arrival < found->ends) {
    output["task_status"] = "RUNNING";
  } else if (bad == Fault::TaskFailed || found->failed) {
    if (!found->failed) billed -= found->pictures;
    found->failed = true;
    output["task_status"] = "FAILED";
    output["code"] = "InternalError.Timeout";
    output["message"] = "An internal timeout error has occured during execution";
  } else {
    output["task_status"] = "SUCCEEDED";
    output["finished"] = true;
    output["choices"] = nlohmann::json::array();
    auto const expires = std::chrono::floor<seconds>(found->ends + hours{24}).time_since_epoch().count();
    for (int i = 1; i <= found->pictures; ++i)
      output["choices"].push_back(
          {{"finish_reason", "stop"},
           {"message",
            {{"role", "assistant"},
             {"content",
              {{{"type", "image"},
                {"image", fmt::format("http://127.0.0.1:1/results/{}-{}.png?Expires={}&Signature=a%2Fb", id,
                                      i, expires)}}}}}}});
    answer["usage"] = {{"image_count", found->pictures}, {"size", "16*16"}};
  }
  answer["output"] = output;
  flight.reply.status = 200;
  flight.reply.body = answer.dump();
}

void World::serve_picture(Flight& flight, Fault bad) {
  auto& reply = flight.reply;
  if (bad == Fault::Expired) {
    reply.status = 403;
    reply.body =
        "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Request has "
        "expired.</Message></Error>";
    return;
  }
  reply.status = 200;
  flight.body = bad == Fault::NotAPicture ? "<html>no</html>" : tiny_png();
  if (bad == Fault::Cut) {
    flight.body.resize(flight.body.size() / 2);
    reply.failure = "the connection was closed before the end";
  }
}

void World::deliver(Flight& flight) {
  auto const& sink = flight.request.sink;
  if (!sink || flight.body.empty()) return;
  auto const half = flight.body.size() / 2;
  if (sink->take(std::string_view{flight.body}.substr(0, half)) &&
      sink->take(std::string_view{flight.body}.substr(half)))
    return;
  flight.reply.failure = sink->complaint();
  flight.reply.local = true;
}

std::vector<Reply> World::wait(Instant until, std::span<int const> wake) {
  std::vector<pollfd> fds;
  for (auto const fd : wake) fds.push_back({fd, POLLIN, 0});
  if (!fds.empty() &&
      ::poll(fds.data(), fds.size(), until > now_ ? static_cast<int>(patience.count()) : 0) > 0)
    until = now_;
  auto const next = flights_.empty() ? Instant::max() : flights_.begin()->first;
  auto const then = std::max(now_, std::min(until, next));
  if (then == Instant::max()) throw std::logic_error{"nothing will ever happen again"};
  now_ = then;
  std::vector<Reply> replies;
  while (!flights_.empty() && flights_.begin()->first <= now_) {
    auto flight = std::move(flights_.begin()->second);
    flights_.erase(flights_.begin());
    deliver(flight);
    replies.push_back(std::move(flight.reply));
  }
  return replies;
}

void World::drop_connections() {
  std::multimap<Instant, Flight> dropped;
  for (auto& [at, flight] : flights_) {
    flight.reply.status = 0;
    flight.reply.body.clear();
    flight.body.clear();
    flight.reply.failure = "dropped after a sleep";
    dropped.emplace(now_, std::move(flight));
  }
  flights_ = std::move(dropped);
}

}  // namespace wanspool::test
