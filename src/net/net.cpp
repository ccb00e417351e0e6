#include "net/net.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "net/transfer.h"

namespace wanspool {
namespace {

// poll(2) does not count the time a machine sleeps, so what is due then is noticed this late at most.
constexpr milliseconds kLongestPoll{5'000};
// Handles are kept for the next requests, but not all that a rush has needed.
constexpr std::size_t kIdleMost = 8;

struct CloseMulti {
  void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
};
using Multi = std::unique_ptr<CURLM, CloseMulti>;

void check(CURLMcode code, std::string_view wanted) {
  if (code != CURLM_OK)
    throw std::runtime_error{fmt::format("libcurl cannot {}: {}", wanted, curl_multi_strerror(code))};
}

Multi make_multi(NetSettings const& settings) {
  Multi multi{curl_multi_init()};
  if (!multi) throw std::bad_alloc{};
  auto const most = static_cast<long>(settings.connections_most);
  check(curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, most), "keep connections");
  check(curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, most), "limit connections");
  check(curl_multi_setopt(multi.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING)),
        "keep requests apart");
  return multi;
}

bool any_readable(std::span<int const> descriptors) {
  std::vector<pollfd> asked;
  for (auto const fd : descriptors) asked.push_back({fd, POLLIN, 0});
  return ::poll(asked.data(), asked.size(), 0) > 0;
}

class Net final : public Http {
 public:
  Net(NetSettings const& settings, Clock const& clock)
      : settings_{settings}, clock_{clock}, trust_{trust_of_environment()}, multi_{make_multi(settings_)} {}
  Net(Net const&) = delete;
  Net& operator=(Net const&) = delete;
  ~Net() override {
    for (auto const& [handle, transfer] : open_) curl_multi_remove_handle(multi_.get(), handle);
  }

  void start(Request request) override;
  std::vector<Reply> wait(Instant until, std::span<int const> wake) override;
  void drop_connections() override;

 private:
  void turn();
  void open_waiting();
  void open(std::unique_ptr<Transfer> transfer);
  void close(void* handle, CURLcode code);
  void pause(Instant until, std::span<int const> wake);
  Easy fresh_handle();
  void keep_handle(Easy easy);

  NetSettings const settings_;
  Clock const& clock_;
  Trust const trust_;
  Multi multi_;
  std::vector<Easy> idle_;
  // Held back here and not in libcurl, whose time-outs would run on while they wait.
  std::deque<std::unique_ptr<Transfer>> waiting_;
  std::unordered_map<void*, std::unique_ptr<Transfer>> open_;
  std::vector<Reply> ready_;
  std::exception_ptr thrown_;
};

void Net::start(Request request) {
  auto transfer = std::make_unique<Transfer>(std::move(request), settings_);
  if (!transfer->refusal().empty())
    ready_.push_back(transfer->finish(CURLE_URL_MALFORMAT));
  else
    waiting_.push_back(std::move(transfer));
  open_waiting();
}

std::vector<Reply> Net::wait(Instant until, std::span<int const> wake) {
  for (bool woken = false;;) {
    turn();
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    if (woken || !ready_.empty() || clock_.now() >= until) return std::exchange(ready_, {});
    pause(until, wake);
    woken = any_readable(wake);
  }
}

// What can be done without waiting.
void Net::turn() {
  open_waiting();
  int running = 0;
  check(curl_multi_perform(multi_.get(), &running), "work on its transfers");
  int left = 0;
  while (auto const* const message = curl_multi_info_read(multi_.get(), &left))
    if (message->msg == CURLMSG_DONE) close(message->easy_handle, message->data.result);
}

void Net::open_waiting() {
  while (!waiting_.empty() && open_.size() < static_cast<std::size_t>(settings_.connections_most)) {
    auto transfer = std::move(waiting_.front());
    waiting_.pop_front();
    open(std::move(transfer));
  }
}

void Net::open(std::unique_ptr<Transfer> transfer) {
  transfer->prepare(fresh_handle(), trust_);
  auto* const handle = transfer->handle();
  open_.emplace(handle, std::move(transfer));
  check(curl_multi_add_handle(multi_.get(), handle), "take a request");
}

void Net::close(void* handle, CURLcode code) {
  curl_multi_remove_handle(multi_.get(), handle);
  auto const found = open_.extract(handle);
  auto& transfer = *found.mapped();
  ready_.push_back(transfer.finish(code));
  if (transfer.thrown()) thrown_ = transfer.thrown();
  keep_handle(transfer.give_back());
}

void Net::pause(Instant until, std::span<int const> wake) {
  auto const length = std::clamp(until - clock_.now(), milliseconds{0}, kLongestPoll);
  std::vector<curl_waitfd> extra;
  for (auto const fd : wake) extra.push_back({fd, CURL_WAIT_POLLIN, 0});
  check(curl_multi_poll(multi_.get(), extra.data(), static_cast<unsigned>(extra.size()),
                        static_cast<int>(length.count()), nullptr),
        "wait");
}

void Net::drop_connections() {
  for (auto const& [handle, transfer] : open_) {
    curl_multi_remove_handle(multi_.get(), handle);
    ready_.push_back(transfer->finish_dropped());
    keep_handle(transfer->give_back());
  }
  open_.clear();
  multi_ = make_multi(settings_);  // idle connections live in it
}

Easy Net::fresh_handle() {
  if (!idle_.empty()) {
    auto easy = std::move(idle_.back());
    idle_.pop_back();
    return easy;
  }
  Easy easy{curl_easy_init()};
  if (!easy) throw std::bad_alloc{};
  return easy;
}

void Net::keep_handle(Easy easy) {
  if (idle_.size() >= kIdleMost) return;
  curl_easy_reset(easy.get());
  idle_.push_back(std::move(easy));
}

// A server that hangs up while TLS writes must not end the process; whoever has a handler keeps it.
void ignore_broken_pipes() {
  struct sigaction present {};
  sigaction(SIGPIPE, nullptr, &present);
  if (!(present.sa_flags & SA_SIGINFO) && present.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

std::unique_ptr<Http> open_net(NetSettings const& settings, Clock const& clock) {
  static auto const initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialised != CURLE_OK)
    throw std::runtime_error{fmt::format("libcurl cannot start: {}", curl_easy_strerror(initialised))};
  ignore_broken_pipes();
  return std::make_unique<Net>(settings, clock);
}

}  // namespace wanspool
