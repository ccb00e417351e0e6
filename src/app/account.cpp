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
  log::hide(key);
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
std::string made_endpoint(std::string const& of_region, std::string const& workspace) {
  auto const* const region = find_region(of_region);
  if (region == nullptr) return kService;
  if (!workspace.empty())
    return fmt::format("https://{}.{}.maas.aliyuncs.com/api/v1", workspace, region->name);
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

// Without slashes at its end. `where` it was said.
std::string checked(std::string endpoint, std::string const& where, bool allow_http) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  bool const plain = endpoint.starts_with("http://");
  if (!plain && !endpoint.starts_with("https://")) refuse(endpoint, where, "should begin with https://");
  if (endpoint.find('/', endpoint.find("//") + 2) == endpoint.npos)
    refuse(endpoint, where, "has no path; the service's ends in /api/v1");
  if (plain && !allow_http && provider::region_of(endpoint) != "loopback")
    refuse(endpoint, where,
           "would carry the key unencrypted; use https://, or set allow_http: true in the configuration");
  return endpoint;
}

std::string workspace_beside(std::string const& workspace, std::string const& endpoint) {
  bool const is_in_host = endpoint.find("//" + workspace + ".") != endpoint.npos;
  return is_in_host ? std::string{} : workspace;
}

// Its own, or one that its workspace makes in this region, or the main one's.
std::string endpoint_beside(std::string const& name, AccountConfig const& account, Config const& config,
                            std::string const& main, std::string const& region) {
  auto const where = fmt::format("endpoint: of account {} in the configuration", name);
  if (account.endpoint.empty())
    return account.workspace.empty() || region == "loopback" || region == "unknown"
               ? main
               : made_endpoint(region, account.workspace);
  auto endpoint = checked(account.endpoint, where, config.allow_http);
  auto const its = provider::region_of(endpoint);
  if (its != region && (its != "unknown" || region == "loopback"))
    refuse(endpoint, where,
           fmt::format("is in {}, and the others are in {}; use another --root for it", its, region));
  return endpoint;
}

}  // namespace

std::string endpoint_of(Config const& config) {
  auto const set = trimmed(variable("DASHSCOPE_HTTP_BASE_URL"));
  auto const where = !set.empty() ? "DASHSCOPE_HTTP_BASE_URL" : "endpoint: in the configuration";
  return checked(!set.empty()               ? set
                 : !config.endpoint.empty() ? config.endpoint
                                            : made_endpoint(config.region, config.workspace),
                 where, config.allow_http);
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
  return workspace_beside(config.workspace, endpoint);
}

Key read_key(Config const& config, std::filesystem::path const& root, std::string const& region,
             std::string const& account) {
  bool const is_main = account.empty();
  if (auto const set = trimmed(variable("DASHSCOPE_API_KEY")); is_main && !set.empty())
    return key_from(set, "DASHSCOPE_API_KEY");
  std::error_code ignored;
  auto const credentials = variable("CREDENTIALS_DIRECTORY");
  auto const name = is_main ? std::string{"dashscope-api-key"} : "dashscope-api-key-" + account;
  auto const credential = std::filesystem::path{credentials} / name;
  if (!credentials.empty() && std::filesystem::exists(credential, ignored)) return key_in(credential);
  auto const& file = is_main ? config.api_key_file : config.accounts.at(account).api_key_file;
  if (!file.empty()) return key_in(root / file);
  if (region == "loopback") return {is_main ? "emulator" : "emulator-" + account, {}};
  return {};
}

std::function<std::string()> key_source(Config const& config, std::filesystem::path const& root,
                                        std::string const& region, std::string const& account) {
  auto const said = std::make_shared<std::string>();
  return [=] {
    auto key = read_key(config, root, region, account);
    if (!key.complaint.empty() && key.complaint != *said)
      log::warning("no API key{}: {}", account.empty() ? "" : " for account " + account, key.complaint);
    *said = key.complaint;
    return key.text;
  };
}

std::vector<AccountSettings> accounts_of(Config const& config, std::filesystem::path const& root,
                                         std::string const& endpoint, std::string const& region) {
  std::vector<AccountSettings> accounts{{"", endpoint, workspace_of(config, endpoint),
                                         config.queries_per_second, config.lists_per_second,
                                         key_source(config, root, region)}};
  for (auto const& [name, its] : config.accounts) {
    auto const own = endpoint_beside(name, its, config, endpoint, region);
    accounts.push_back({name, own, workspace_beside(its.workspace, own), its.queries_per_second,
                        its.lists_per_second, key_source(config, root, region, name)});
  }
  return accounts;
}

}  // namespace wanspool::app
