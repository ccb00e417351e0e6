#include <fmt/format.h>

#include "provider/provider.h"

namespace wanspool::provider {
namespace {

// Giving a create up early gains nothing: it makes a doubt, and a doubt waits for the gateway's 298 s
// (contract §1.4) anyway. Besides, four pictures as data: addresses are 40 MB to send. A dead connection ends
// sooner by the stall rule.
constexpr seconds kCreateTimeout{300};
// A query is answered in tens of milliseconds and may be asked again.
constexpr seconds kQueryTimeout{30};
// The most that a page is known to hold is undocumented; a server that gives fewer says so by its pages.
// A slow line may take long over a picture as long as it moves; the stall rule ends one that does not.
constexpr minutes kDownloadTimeout{10};
// The largest pictures (4096*4096, contract §2.2) are 48 MiB before compression.
constexpr std::size_t kPictureMost = 64u << 20;

std::vector<Header> common_headers(Endpoint const& endpoint) {
  std::vector<Header> headers{{"Authorization", "Bearer " + endpoint.key}, {"Accept", "application/json"}};
  if (!endpoint.workspace.empty()) headers.push_back({"X-DashScope-WorkSpace", endpoint.workspace});
  return headers;
}

// An id is the service's own text, or was typed by a person: it must not become another path.
std::string path_part(std::string_view text) {
  static constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~";
  std::string part;
  for (char const c : text)
    if (kPlain.find(c) != kPlain.npos)
      part += c;
    else
      part += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return part;
}

}  // namespace

// Headers: contract §1.3.
Request create_request(Endpoint const& endpoint, Model const& model, std::string body) {
  Request request;
  request.method = Method::Post;
  request.url = endpoint.base + model.path;
  request.headers = common_headers(endpoint);
  request.headers.push_back({"Content-Type", "application/json"});
  request.headers.push_back({"X-DashScope-Async", "enable"});
  if (body.find("oss://") != body.npos)
    request.headers.push_back({"X-DashScope-OssResourceResolve", "enable"});
  request.body = std::move(body);
  request.repeat = Repeat::Never;
  request.timeout = kCreateTimeout;
  return request;
}

Request query_request(Endpoint const& endpoint, std::string_view task_id) {
  Request request;
  request.url = endpoint.base + "/tasks/" + path_part(task_id);
  request.headers = common_headers(endpoint);
  request.timeout = kQueryTimeout;
  return request;
}

Request cancel_request(Endpoint const& endpoint, std::string_view task_id) {
  Request request;
  request.method = Method::Post;
  request.url = endpoint.base + "/tasks/" + path_part(task_id) + "/cancel";
  request.headers = common_headers(endpoint);
  request.headers.push_back({"Content-Type", "application/json"});
  request.timeout = kQueryTimeout;
  return request;
}

Request list_request(Endpoint const& endpoint, int page, int rows) {
  Request request;
  request.url = fmt::format("{}/tasks/?page_no={}&page_size={}", endpoint.base, page, rows);
  request.headers = common_headers(endpoint);
  request.timeout = kQueryTimeout;
  return request;
}

Request policy_request(Endpoint const& endpoint, std::string_view model) {
  Request request;
  request.url = fmt::format("{}/uploads?action=getPolicy&model={}", endpoint.base, path_part(model));
  request.headers = common_headers(endpoint);
  request.headers.push_back({"Content-Type", "application/json"});
  request.timeout = kQueryTimeout;
  return request;
}

Request download_request(std::string_view url, std::int64_t from) {
  Request request;
  request.url = url;
  request.origin = Origin::Foreign;
  if (from > 0) request.headers.push_back({"Range", fmt::format("bytes={}-", from)});
  request.timeout = kDownloadTimeout;
  request.body_limit = kPictureMost;
  return request;
}

}  // namespace wanspool::provider
