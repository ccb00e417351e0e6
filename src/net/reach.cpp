#include "net/reach.h"

#include <curl/curl.h>

#include <algorithm>

#include "net/transfer.h"

namespace wanspool {

std::string try_to_reach(std::string const& url, milliseconds patience) {
  Easy const easy{curl_easy_init()};
  if (!easy) return "libcurl cannot begin";
  char words[CURL_ERROR_SIZE] = {};
  auto const trust = trust_of_environment();
  auto const most = std::max(1L, static_cast<long>(patience.count()));
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS, most);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, most);
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, words);
  if (!trust.bundle.empty()) {
    curl_easy_setopt(easy.get(), CURLOPT_CAINFO, trust.bundle.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_PROXY_CAINFO, trust.bundle.c_str());
  }
  if (!trust.folder.empty()) {
    curl_easy_setopt(easy.get(), CURLOPT_CAPATH, trust.folder.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_PROXY_CAPATH, trust.folder.c_str());
  }
  auto const code = curl_easy_perform(easy.get());
  if (code == CURLE_OK) return {};
  return words[0] ? words : curl_easy_strerror(code);
}

}  // namespace wanspool
