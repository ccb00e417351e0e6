#include "net/transfer.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace wanspool {

// What libcurl calls. It is C, so nothing may be thrown through it.
struct Callbacks {
  static std::size_t head(char* bytes, std::size_t, std::size_t size, void* transfer) noexcept {
    return guarded(transfer, size, [&](Transfer& self) {
      return self.reply_so_far_.take_head_line({bytes, size});
    });
  }

  static std::size_t body(char* bytes, std::size_t, std::size_t size, void* transfer) noexcept {
    return guarded(transfer, size, [&](Transfer& self) {
      return self.reply_so_far_.take_body({bytes, size});
    });
  }

  // Called each time the request is about to be written. A kept connection may lead where a new one would be
  // refused, so the address is judged here too.
  static int departure(void* transfer, char* address, char*, int port, int) noexcept {
    auto& self = *static_cast<Transfer*>(transfer);
    auto const go = guarded(transfer, 1, [&](Transfer&) { return !self.refuse(address, port); });
    if (go != 1) return CURL_PREREQFUNC_ABORT;
    self.refusal_.clear();  // another address of the same name may have been refused before
    self.stopped_second_ = self.request_.repeat == Repeat::Never && self.departures_ > 0;
    if (self.stopped_second_) return CURL_PREREQFUNC_ABORT;
    ++self.departures_;
    return CURL_PREREQFUNC_OK;
  }

  static curl_socket_t socket(void* transfer, curlsocktype, curl_sockaddr* to) noexcept {
    auto const go = guarded(transfer, 1, [&](Transfer& self) { return !refused(self, *to); });
    if (go != 1) return CURL_SOCKET_BAD;
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }

 private:
  // CURL_WRITEFUNC_ERROR if `work` says no or throws.
  template <typename Work>
  static std::size_t guarded(void* transfer, std::size_t size, Work const& work) noexcept {
    auto& self = *static_cast<Transfer*>(transfer);
    try {
      return work(self) ? size : CURL_WRITEFUNC_ERROR;
    } catch (...) {
      self.thrown_ = std::current_exception();
      return CURL_WRITEFUNC_ERROR;
    }
  }

  static bool refused(Transfer& self, curl_sockaddr const& to) {
    char address[NI_MAXHOST] = {};
    char port[NI_MAXSERV] = {};
    auto const code = getnameinfo(&to.addr, to.addrlen, address, sizeof address, port, sizeof port,
                                  NI_NUMERICHOST | NI_NUMERICSERV);
    if (code != 0) throw std::runtime_error{fmt::format("cannot read an address: {}", gai_strerror(code))};
    return self.refuse(address, std::atoi(port));
  }
};

namespace {

constexpr long kConnectSeconds = 15;
constexpr long kDownloadBuffer = 64 << 10;

template <typename Value>
void set(Easy const& easy, CURLoption option, Value value) {
  auto const code = curl_easy_setopt(easy.get(), option, value);
  if (code != CURLE_OK)
    throw std::runtime_error{fmt::format("libcurl {} refuses option {}: {}", curl_version(),
                                         static_cast<int>(option), curl_easy_strerror(code))};
}

std::string environment(char const* name) {
  auto const* const value = std::getenv(name);
  return value ? value : "";
}

bool splits_a_line(Header const& header) {
  auto const breaks = std::string_view{"\r\n\0", 3};
  return header.name.find_first_of(breaks) != std::string::npos || header.name.empty() ||
         header.value.find_first_of(breaks) != std::string::npos;
}

bool same_name(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

// What helps, where something does.
std::string_view advice(int code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "; is the name right, and is there a network?";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "; if a proxy of yours stands between, name its certificates in SSL_CERT_FILE";
    case CURLE_SSL_CACERT_BADFILE:
      return "; see CURL_CA_BUNDLE, SSL_CERT_FILE and SSL_CERT_DIR";
    default:
      return "";
  }
}

}  // namespace

static_assert(CURL_ERROR_SIZE == 256, "Transfer holds as much");

void CloseEasy::operator()(void* easy) const noexcept {
  curl_easy_cleanup(easy);
}

void FreeList::operator()(void* list) const noexcept {
  curl_slist_free_all(static_cast<curl_slist*>(list));
}

Trust trust_of_environment() {
  if (auto bundle = environment("CURL_CA_BUNDLE"); !bundle.empty()) return {std::move(bundle), ""};
  return {environment("SSL_CERT_FILE"), environment("SSL_CERT_DIR")};
}

Transfer::Transfer(Request request, NetSettings const& settings)
    : request_{std::move(request)},
      settings_{settings},
      target_{target_of(request_.url)},
      reply_so_far_{request_},
      refusal_{target_.wrong} {
  if (refusal_.empty()) refuse(target_.host, target_.port);
  if (std::any_of(request_.headers.begin(), request_.headers.end(), splits_a_line))
    refusal_ = "a header of the request has no name or a line break in it";
}

bool Transfer::guarded() const {
  return request_.origin == Origin::Foreign && !settings_.foreign_may_be_private;
}

// A direct connection always goes to the port of the URL, so another port is that of the proxy the user
// chose; a proxy on the very port of the URL cannot be told from the target and must lie on the open
// internet.
bool Transfer::refuse(std::string_view address, int port) {
  if (!guarded() || port != target_.port) return false;
  auto const network = inner_network(address);
  if (network.empty()) return false;
  refusal_ = fmt::format("refused: {} is {}{}, and this address came from outside", address,
                         network.starts_with("the ") ? "" : "in ", network);
  return true;
}

void Transfer::prepare(Easy easy, Trust const& trust) {
  easy_ = std::move(easy);
  set_address();
  set_headers();
  set_method();
  set_patience();
  set_trust(trust);
  set_callbacks();
}

void Transfer::set_address() {
  set(easy_, CURLOPT_URL, request_.url.c_str());
  set(easy_, CURLOPT_PATH_AS_IS, 1L);
  set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // libcurl 7.87.0 to 8.5.0 crash with HTTP/2, and over it a refused stream is sent again.
  set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  if (request_.repeat == Repeat::Never) {
    // Nor is it kept: one for each create would be kept until there are as many as there may be.
    set(easy_, CURLOPT_FRESH_CONNECT, 1L);
    set(easy_, CURLOPT_FORBID_REUSE, 1L);
  }
  if (request_.sink) set(easy_, CURLOPT_BUFFERSIZE, kDownloadBuffer);
}

void Transfer::set_headers() {
  curl_slist* list = nullptr;
  auto const add = [&](std::string const& line) {
    auto* const longer = curl_slist_append(list, line.c_str());
    if (!longer) throw std::bad_alloc{};
    list = longer;
    static_cast<void>(headers_.release());  // the head of the longer list
    headers_.reset(list);
  };
  bool typed = false;
  for (auto const& each : request_.headers) {
    // "Name;" is how libcurl is asked for a header without a value.
    add(each.value.empty() ? each.name + ";" : each.name + ": " + each.value);
    typed = typed || same_name(each.name, "content-type");
  }
  if (request_.method == Method::Post) {
    add("Expect:");
    if (!typed) add("Content-Type:");  // else libcurl calls it a form
  }
  set(easy_, CURLOPT_HTTPHEADER, list);
  if (!settings_.user_agent.empty()) set(easy_, CURLOPT_USERAGENT, settings_.user_agent.c_str());
  if (request_.origin == Origin::Endpoint && !request_.sink) set(easy_, CURLOPT_ACCEPT_ENCODING, "gzip");
}

void Transfer::set_method() {
  if (request_.method == Method::Get) {
    set(easy_, CURLOPT_HTTPGET, 1L);
    return;
  }
  set(easy_, CURLOPT_POST, 1L);
  set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  set(easy_, CURLOPT_POSTFIELDS, request_.body.c_str());
}

void Transfer::set_patience() {
  set(easy_, CURLOPT_NOSIGNAL, 1L);
  // Without it the end of a transfer waits for the resolver's thread, and the whole loop with it.
  set(easy_, CURLOPT_QUICK_EXIT, 1L);
  set(easy_, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  set(easy_, CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(request_.timeout.count())));
  set(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  // A paid request is left alone until its own time is up: ending it early would make a slow answer a doubt.
  if (request_.repeat == Repeat::Never) return;
  set(easy_, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(easy_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(std::chrono::ceil<seconds>(settings_.stall).count()));
}

// What libcurl does by itself is said here, so that nothing else can: no setting of ours and no variable of
// the environment changes it.
void Transfer::set_trust(Trust const& trust) {
  for (auto const option : {CURLOPT_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYPEER}) set(easy_, option, 1L);
  for (auto const option : {CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYHOST}) set(easy_, option, 2L);
  if (!trust.bundle.empty()) {
    set(easy_, CURLOPT_CAINFO, trust.bundle.c_str());
    set(easy_, CURLOPT_PROXY_CAINFO, trust.bundle.c_str());
  }
  if (!trust.folder.empty()) {
    set(easy_, CURLOPT_CAPATH, trust.folder.c_str());
    set(easy_, CURLOPT_PROXY_CAPATH, trust.folder.c_str());
  }
}

void Transfer::set_callbacks() {
  set(easy_, CURLOPT_ERRORBUFFER, error_);
  set(easy_, CURLOPT_HEADERFUNCTION, &Callbacks::head);
  set(easy_, CURLOPT_HEADERDATA, this);
  set(easy_, CURLOPT_WRITEFUNCTION, &Callbacks::body);
  set(easy_, CURLOPT_WRITEDATA, this);
  set(easy_, CURLOPT_PREREQFUNCTION, &Callbacks::departure);
  set(easy_, CURLOPT_PREREQDATA, this);
  set(easy_, CURLOPT_OPENSOCKETFUNCTION, &Callbacks::socket);
  set(easy_, CURLOPT_OPENSOCKETDATA, this);
}

Easy Transfer::give_back() {
  return std::move(easy_);
}

Reply Transfer::finish(int code) {
  if (code == CURLE_OK) end_body();
  if (thrown_) return reply_with("whoever takes the body failed", Whose::Ours);
  if (!reply_so_far_.complaint().empty()) return reply_with(reply_so_far_.complaint(), Whose::Ours);
  if (!refusal_.empty()) return reply_with(refusal_, Whose::Ours);
  if (code == CURLE_OK && reply_so_far_.reply().status != 0) return reply_with("", Whose::Network);
  // The stall rule ends a transfer with the same code.
  reply_so_far_.reply().timed_out = code == CURLE_OPERATION_TIMEDOUT;
  return reply_with(words_for(code), Whose::Network);
}

// What the sink throws here takes the way of what it throws in a callback.
void Transfer::end_body() noexcept {
  try {
    reply_so_far_.end();
  } catch (...) {
    thrown_ = std::current_exception();
  }
}

Reply Transfer::finish_dropped() {
  return reply_with("dropped after a sleep", Whose::Network);
}

Reply Transfer::reply_with(std::string const& failure, Whose whose) {
  auto& reply = reply_so_far_.reply();
  reply.left = departures_ > 0;
  reply.local = whose == Whose::Ours;
  auto const place = target_.host.empty() ? std::string{} : target_.place() + ": ";
  if (!failure.empty()) reply.failure = place + failure;
  return std::move(reply);
}

std::string Transfer::words_for(int code) const {
  if (stopped_second_)
    return "the answer was lost, and libcurl was kept from sending the paid request a second time; "
           "the first may have been accepted";
  if (code == CURLE_OK) return "the connection ended without an answer";
  std::string text = error_[0] ? error_ : curl_easy_strerror(static_cast<CURLcode>(code));
  // Signatures are in the query; no message of libcurl is known to quote it, and none shall.
  if (!target_.query.empty() && text.find(target_.query) != std::string::npos)
    text = curl_easy_strerror(static_cast<CURLcode>(code));
  return text + std::string{advice(code)};
}

}  // namespace wanspool
