#include "net/house.h"

#include <doctest/doctest.h>

namespace wanspool::test {

NetHouse::NetHouse(NetSettings const& settings) : http_{open_net(settings, clock_)} {}

NetSettings NetHouse::plain() {
  NetSettings settings;
  settings.user_agent = "wanspool-tests";
  return settings;
}

Reply NetHouse::ask(Request request) {
  http_->start(std::move(request));
  return collect(1).front();
}

std::vector<Reply> NetHouse::collect(std::size_t count) {
  std::vector<Reply> all;
  while (all.size() < count)
    for (auto& each : http_->wait(Instant::max(), {})) all.push_back(std::move(each));
  return all;
}

void with_time_enough(milliseconds first, std::function<bool(milliseconds)> const& was_enough) {
  for (auto time = first; !was_enough(time); time *= 4) REQUIRE(time < seconds{10});
}

Request get(std::string url) {
  Request request;
  request.url = std::move(url);
  return request;
}

Request post(std::string url, std::string body, Repeat repeat) {
  auto request = get(std::move(url));
  request.method = Method::Post;
  request.body = std::move(body);
  request.repeat = repeat;
  return request;
}

}  // namespace wanspool::test
