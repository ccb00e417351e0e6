#include "app/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "app/exit.h"
#include "base/files.h"
#include "base/log.h"
#include "core/regions.h"
#include "provider/provider.h"

namespace wanspool::app {
namespace {

constexpr char kService[] = "https://dashscope-intl.aliyuncs.com/api/v1";

std::string variable(char const* name) {
  auto const* const value = std::getenv(name);
  return value ? value : "";
}

std::string trimmed(std::string_view text) {
  constexpr char kSpace[] = " \t\r\n";
  auto const from = text.find_first_not_of(kSpace);
  if (from == text.npos) return {};
  return std::string{text.substr(from, text.find_last_not_of(kSpace) - from + 1)};
}

// It becomes part of a header: a blank or a line's end inside of it would make another request of it.
bool is_a_word(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char each) { return each > 0x20 && each < 0x7F; });
}

Key key_from(std::string const& text, std::string const& where) {
  auto key = trimmed(text);
  if (key.empty()) return {{}, where + " is empty; it should hold the API key"};
  if (!is_a_word(key)) return {{}, where + " holds more than an API key; it should hold nothing else"};
  return {std::move(key), {}};
}

Key key_in(std::filesystem::path const& file) {
  try {
    return key_from(read_file(file, 64 << 10), file.string());
  } catch (std::system_error const& error) {
    return {{}, error.what()};
  }
}

[[noreturn]] void refuse(std::string const& endpoint, std::string const& where, std::string const& why) {
  throw Quit{kMisconfigured, fmt::format("the endpoint '{}' ({}) {}", endpoint, where, why)};
}

// Contract §1.1.
std::string made_endpoint(Config const& config) {
  auto const* const region = find_region(config.region);
  if (region == nullptr) return kService;
  if (!config.workspace.empty())
    return fmt::format("https://{}.{}.maas.aliyuncs.com/api/v1", config.workspace, region->name);
  if (!region->host.empty()) return fmt::format("https://{}/api/v1", region->host);
  throw Quit{
      kMisconfigured,
      fmt::format("region {} has no host that everybody shares: set workspace: in the configuration as "
                  "well, the id of yours, or endpoint:",
                  region->name)};
}

bool is_set_outside() {
  return !trimmed(variable("DASHSCOPE_HTTP_BASE_URL")).empty();
}

}  // namespace

std::string endpoint_of(Config const& config) {
  auto const set = trimmed(variable("DASHSCOPE_HTTP_BASE_URL"));
  auto const where = !set.empty() ? "DASHSCOPE_HTTP_BASE_URL" : "endpoint: in the configuration";
  auto endpoint = !set.empty() ? set : !config.endpoint.empty() ? config.endpoint : made_endpoint(config);
  while (endpoint.ends_with('/')) endpoint.pop_back();
  bool const plain = endpoint.starts_with("http://");
  if (!plain && !endpoint.starts_with("https://")) refuse(endpoint, where, "should begin with https://");
  if (endpoint.find('/', endpoint.find("//") + 2) == endpoint.npos)
    refuse(endpoint, where, "has no path; the service's ends in /api/v1");
  if (plain && !config.allow_http && provider::region_of(endpoint) != "loopback")
    refuse(endpoint, where,
           "would carry the key unencrypted; use https://, or set allow_http: true in the configuration");
  return endpoint;
}

std::string region_of(Config const& config, std::string const& endpoint) {
  auto const by_host = provider::region_of(endpoint);
  if (by_host == "unknown" && !config.region.empty()) return config.region;
  bool const differ = !config.region.empty() && by_host != config.region;
  if (differ && by_host != "loopback" && !is_set_outside())
    refuse(endpoint, "endpoint: in the configuration",
           fmt::format("is in {}, and region: says {}; take one of them out", by_host, config.region));
  return by_host;
}

std::string workspace_of(Config const& config, std::string const& endpoint) {
  bool const is_in_host = endpoint.find("//" + config.workspace + ".") != endpoint.npos;
  return is_in_host ? std::string{} : config.workspace;
}

Key read_key(Config const& config, std::filesystem::path const& root, std::string const& region) {
  if (auto const set = trimmed(variable("DASHSCOPE_API_KEY")); !set.empty())
    return key_from(set, "DASHSCOPE_API_KEY");
  std::error_code ignored;
  auto const credentials = variable("CREDENTIALS_DIRECTORY");
  auto const credential = std::filesystem::path{credentials} / "dashscope-api-key";
  if (!credentials.empty() && std::filesystem::exists(credential, ignored)) return key_in(credential);
  if (!config.api_key_file.empty()) return key_in(root / config.api_key_file);
  if (region == "loopback") return {"emulator", {}};
  return {};
}

std::function<std::string()> key_source(Config const& config, std::filesystem::path const& root,
                                        std::string const& region) {
  auto const said = std::make_shared<std::string>();
  return [=] {
    auto key = read_key(config, root, region);
    if (!key.complaint.empty() && key.complaint != *said) log::warning("no API key: {}", key.complaint);
    *said = key.complaint;
    return key.text;
  };
}

}  // namespace wanspool::app
