#include "manifest/config.h"

#include <fmt/format.h>

#include "base/days.h"
#include "core/regions.h"
#include "manifest/config_caps.h"
#include "manifest/config_files.h"
#include "manifest/config_hooks.h"
#include "manifest/config_hosts.h"
#include "manifest/durations.h"
#include "manifest/events.h"
#include "manifest/fields.h"
#include "manifest/jobs.h"
#include "manifest/models.h"

namespace wanspool {
namespace {

using namespace yaml;

constexpr std::int64_t kMostPerSecond = 100'000;

Keys const kTop{"the configuration",
                {"endpoint",
                 "region",
                 "workspace",
                 "models",
                 "allow_http",
                 "api_key_file",
                 "limits",
                 "queries_per_second",
                 "lists_per_second",
                 "doubt",
                 "inbox",
                 "paths",
                 "ask_above",
                 "budget",
                 "timezone",
                 "accounts",
                 "metrics",
                 "log",
                 "result_hosts",
                 "upload_hosts",
                 "files",
                 "hooks"}};
Keys const kAccount{
    "an account",
    {"api_key_file", "endpoint", "workspace", "limits", "queries_per_second", "lists_per_second", "budget"}};
Keys const kLimits{"a model's limits", {"creates_per_second", "slots", "creates_in_flight"}};
Keys const kDoubt{"'doubt'", {"list_delay"}};
Keys const kInbox{"'inbox'", {"settle", "rescan"}};
Keys const kMetrics{"'metrics'", {"file", "every"}};
Keys const kLog{"'log'", {"format"}};
Keys const kPaths{"'paths'", {"inbox", "out"}};

std::string_view host_of(std::string_view url) {
  auto host = url.substr(url.find("://") + 3);
  host = host.substr(0, host.find('/'));
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_loopback(std::string_view host) {
  bool const numbers = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "[::1]" || (numbers && host.starts_with("127."));
}

// Why this can be no endpoint; "" if it can.
std::string wrong_endpoint(std::string_view url) {
  constexpr std::string_view kWanted =
      "an endpoint is written like https://dashscope-intl.aliyuncs.com/api/v1";
  if (!url.starts_with("https://") && !url.starts_with("http://")) return std::string{kWanted};
  if (url.find_first_of(" \t?#@\\") != std::string_view::npos || host_of(url).empty())
    return fmt::format("{}, with nothing but host, port and path", kWanted);
  if (!url.ends_with("/api/v1")) return fmt::format("an endpoint ends in /api/v1; {}", kWanted);
  return {};
}

// Why this can be no workspace's id, which becomes part of a host's name; "" if it can.
std::string wrong_workspace(std::string_view id) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
  bool const plain = id.find_first_not_of(kPlain) == id.npos && id.front() != '-' && id.size() <= 63;
  return plain ? "" : fmt::format("a workspace's id is letters, digits and '-', not '{}'", id);
}

// Why no account can be called so, which becomes part of files' names and stands before a '/'; "" if one can.
std::string wrong_account(std::string_view name) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::size_t kLongest = 32;
  if (name == account_name({}))
    return fmt::format(
        "'{}' is the account whose key stands at the top of this file; its keys stand there too", name);
  if (!name.empty() && name.find_first_not_of(kPlain) == name.npos && name.size() <= kLongest) return {};
  return fmt::format("an account's name is letters, digits, '-' and '_', at most {} of them, not '{}'",
                     kLongest, shortened(std::string{name}));
}

class ConfigReader {
 public:
  ConfigReader(Config& config, Models const& models, Complaints& complaints)
      : config_{config}, table_{models}, models_{models}, complaints_{complaints} {}

  void read(View root) {
    Fields const fields{root, kTop, complaints_};
    if (auto const* const rows = fields.find("models"); rows != nullptr && !rows->value.is(Node::Kind::Null))
      read_models(rows->value);
    for (auto const& [key, value] : fields.all())
      if (!value.is(Node::Kind::Null)) read_key(key.text(), value);
    check_http(fields);
    if (auto const* const accounts = fields.find("accounts")) check_key_files(accounts->value);
  }

 private:
  void read_key(std::string const& key, View value) {
    if (key == "models") return;  // read before all that names a model
    if (key == "endpoint") return read_endpoint(value, config_.endpoint);
    if (key == "region") return read_region(value);
    if (key == "workspace") return read_workspace(value, config_.workspace);
    if (key == "allow_http") return set(config_.allow_http, read_boolean(value, key, complaints_));
    if (key == "api_key_file") return set(config_.api_key_file, read_word(value, key, complaints_));
    if (key == "limits") return read_limits(value, config_.limits);
    if (key == "queries_per_second") return read_number(value, key, config_.queries_per_second);
    if (key == "lists_per_second") return read_number(value, key, config_.lists_per_second);
    if (key == "paths") return read_paths(value);
    if (key == "ask_above") return read_ask_above(value);
    if (key == "budget") return set<Purse>(config_.caps, read_budget(value, &config_.caps.submitter));
    if (key == "accounts") return read_accounts(value);
    if (key == "timezone") return read_timezone(value);
    if (key == "metrics") return read_metrics(value);
    if (key == "log") return read_log(value);
    if (key == "files") return read_files(value, config_.files, complaints_);
    if (key == "hooks") return static_cast<void>(config_.hooks = read_hooks(value, complaints_));
    if (key == "result_hosts") return set(config_.result_hosts, read_hosts(value, key, complaints_));
    if (key == "upload_hosts") return set(config_.upload_hosts, read_hosts(value, key, complaints_));
    if (key == "doubt") return read_durations(value, kDoubt, {{"list_delay", &config_.list_delay}});
    read_durations(value, kInbox, {{"settle", &config_.settle}, {"rescan", &config_.rescan}});
    if (config_.rescan > milliseconds{0}) return;
    complaints_.add(*member(value, "rescan"), "rescan cannot be 0");
  }

  template <typename T, typename U>
  static void set(T& target, std::optional<U> value) {
    if (value) target = std::move(*value);
  }

  // One account that is used as two would go over its limits.
  void check_key_files(View accounts) {
    std::map<std::string, std::string> owners{{config_.api_key_file, account_name({})}};
    for (std::size_t i = 0; accounts.is(Node::Kind::Map) && i + 1 < accounts.size(); i += 2) {
      auto const file = member(accounts[i + 1], "api_key_file");
      if (!file || !file->is(Node::Kind::Scalar)) continue;
      auto const [owner, is_new] = owners.emplace(file->text(), accounts[i].text());
      if (!is_new && !file->text().empty())
        complaints_.add(
            *file, fmt::format("this is the key of the account '{}' too; each needs its own", owner->second));
    }
  }

  template <typename T>
  void read_number(View value, std::string_view what, T& target) {
    if (auto const number = read_integer(value, what, 0, kMostPerSecond, complaints_))
      target = static_cast<int>(*number);
  }

  void read_endpoint(View value, std::string& target) {
    auto url = read_word(value, "endpoint", complaints_);
    if (!url) return;
    while (url->ends_with('/')) url->pop_back();
    if (auto const why = wrong_endpoint(*url); !why.empty()) {
      complaints_.add(value, why);
    } else {
      target = std::move(*url);
    }
  }

  void read_region(View value) {
    auto name = read_word(value, "region", complaints_);
    if (!name) return;
    if (find_region(*name) != nullptr) {
      config_.region = std::move(*name);
      return;
    }
    std::vector<std::string> names;
    std::string list;
    for (auto const& each : kRegions) {
      names.emplace_back(each.name);
      list += fmt::format("{}{}", list.empty() ? "" : ", ", each.name);
    }
    auto const meant = did_you_mean(*name, names);
    complaints_.add(
        value, fmt::format("region '{}' is unknown{}", *name, meant.empty() ? "; known are " + list : meant));
  }

  void read_workspace(View value, std::string& target) {
    auto id = read_word(value, "workspace", complaints_);
    if (!id) return;
    if (auto const why = wrong_workspace(*id); !why.empty()) return complaints_.add(value, why);
    target = std::move(*id);
  }

  void read_accounts(View map) {
    if (!map.is(Node::Kind::Map)) {
      complaints_.add(map,
                      fmt::format("accounts is a map by name, such as studio: {{ api_key_file: keys/studio "
                                  "}}, not {}",
                                  spoken(map)));
      return;
    }
    for (std::size_t i = 0; i + 1 < map.size(); i += 2) {
      auto const& name = map[i].text();
      auto const why = wrong_account(name);
      if (!why.empty()) complaints_.add(map[i], why);
      auto account = read_account(name, map[i + 1]);
      if (why.empty()) config_.accounts[name] = std::move(account);
    }
  }

  AccountConfig read_account(std::string const& name, View map) {
    AccountConfig account;
    if (map.is(Node::Kind::Null)) return account;
    Fields const fields{map, kAccount, complaints_};
    for (auto const& [key, value] : fields.all())
      if (!value.is(Node::Kind::Null)) read_account_key(name, account, key.text(), value);
    return account;
  }

  void read_account_key(std::string const& name, AccountConfig& account, std::string const& key, View value) {
    if (key == "api_key_file") return set(account.api_key_file, read_word(value, key, complaints_));
    if (key == "endpoint") return read_endpoint(value, account.endpoint);
    if (key == "workspace") return read_workspace(value, account.workspace);
    if (key == "limits") return read_limits(value, account.limits);
    if (key == "budget") return set(config_.caps.accounts[name], read_budget(value));
    read_number(value, key,
                key == "lists_per_second" ? account.lists_per_second : account.queries_per_second);
  }

  // Rows of the user's own. What is built in stays as it is: its ranges and prices are what plans rely on.
  void read_models(View map) {
    auto rows = read_rows_of_models(map, complaints_);
    for (std::size_t i = 0; map.is(Node::Kind::Map) && i + 1 < map.size(); i += 2) {
      auto const& name = map[i].text();
      if (name.empty() || name.find_first_of(" \t\n") != name.npos)
        complaints_.add(map[i], fmt::format("'{}' can be no model's name", shortened(name)));
      if (table_.contains(name)) {
        complaints_.add(map[i], fmt::format("model '{}' is built in and cannot be replaced; its speed is set "
                                            "under 'limits'",
                                            name));
        rows.erase(name);
      }
    }
    auto const currency = table_.empty() ? "" : table_.begin()->second.currency;
    for (auto const& [name, row] : rows)
      if (!currency.empty() && !row.currency.empty() && row.currency != currency)
        complaints_.add(*member(map, name), fmt::format("prices are told in {} here, and those of '{}' in {}",
                                                        currency, name, row.currency));
    models_.insert(rows.begin(), rows.end());
    config_.models = std::move(rows);
  }

  void check_http(Fields const& fields) {
    auto const& url = config_.endpoint;
    if (!url.starts_with("http://") || config_.allow_http || is_loopback(host_of(url))) return;
    complaints_.add(
        fields.find("endpoint")->value,
        "over plain http everyone on the way can read the key; use https, or set allow_http: true");
  }

  void read_limits(View map, std::map<std::string, LimitsChange>& limits) {
    if (!map.is(Node::Kind::Map)) {
      complaints_.add(
          map,
          fmt::format("limits is a map by model, such as wan2.6-image: {{ slots: 5 }}, not {}", spoken(map)));
      return;
    }
    for (std::size_t i = 0; i + 1 < map.size(); i += 2)
      if (auto const* const model = find_model(map[i], models_, complaints_))
        limits[model->name] = read_change(map[i + 1]);
  }

  LimitsChange read_change(View map) {
    LimitsChange change;
    if (map.is(Node::Kind::Null)) return change;
    Fields const fields{map, kLimits, complaints_};
    for (auto const& [key, value] : fields.all()) {
      auto& target = key.text() == "slots"               ? change.slots
                     : key.text() == "creates_in_flight" ? change.creates_in_flight
                                                         : change.creates_per_second;
      read_number(value, key.text(), target);
    }
    return change;
  }

  void read_paths(View map) {
    Fields const fields{map, kPaths, complaints_};
    for (auto const& [key, value] : fields.all())
      set(key.text() == "out" ? config_.out : config_.inbox, read_word(value, key.text(), complaints_));
  }

  void read_ask_above(View value) {
    auto const written = read_word(value, "ask_above", complaints_);
    if (!written) return;
    auto const currency = models_.empty() ? "" : models_.begin()->second.currency;
    auto const blank = written->find(' ');
    auto const amount = read_money(written->substr(0, blank));
    bool const named = blank != written->npos && yaml::trimmed(written->substr(blank)) == currency;
    if (amount && (named || (blank == written->npos && amount->micros == 0)))
      config_.ask_above = *amount;
    else
      complaints_.add(value,
                      fmt::format("ask_above is a price such as 50 {}, or 0 to be asked always, not '{}'",
                                  currency, *written));
  }

  std::optional<Purse> read_budget(View value, Purse::Periods* submitter = nullptr) {
    return read_purse(value, models_, models_.empty() ? "" : models_.begin()->second.currency, complaints_,
                      submitter);
  }

  void read_timezone(View value) {
    auto name = read_word(value, "timezone", complaints_);
    if (!name) return;
    if (is_time_zone(*name)) {
      config_.timezone = std::move(*name);
      return;
    }
    complaints_.add(
        value,
        fmt::format("timezone '{}' is not known to this system; it is a name such as Europe/Berlin, a file "
                    "below /usr/share/zoneinfo (Debian's package tzdata)",
                    *name));
  }

  void read_metrics(View map) {
    Fields const fields{map, kMetrics, complaints_};
    for (auto const& [key, value] : fields.all()) {
      if (key.text() == "every") {
        set(config_.metrics_every, read_duration(value, "every", complaints_));
        if (config_.metrics_every < seconds{1}) complaints_.add(value, "every is at least 1s");
        continue;
      }
      auto const file = read_word(value, "file", complaints_);
      if (file && !file->ends_with(".prom"))
        complaints_.add(value, "the name of a file for metrics ends in .prom; node_exporter reads no other");
      else
        set(config_.metrics_file, file);
    }
  }

  void read_log(View map) {
    Fields const fields{map, kLog, complaints_};
    for (auto const& [key, value] : fields.all()) {
      auto const format = read_word(value, "format", complaints_);
      if (format && *format != "text" && *format != "json")
        complaints_.add(value, fmt::format("a log's format is text or json, not '{}'", *format));
      else
        config_.json_logs = format == "json";
    }
  }

  void read_durations(View map, Keys const& keys, std::map<std::string, milliseconds*> const& targets) {
    Fields const fields{map, keys, complaints_};
    for (auto const& [key, value] : fields.all())
      set(*targets.at(key.text()), read_duration(value, key.text(), complaints_));
  }

  Config& config_;
  Models const& table_;
  Models models_;  // with the user's own
  Complaints& complaints_;
};

}  // namespace

Limits limits_of(Model const& model, std::string const& region, Config const& config,
                 std::string const& account) {
  auto const& limits = model.limits_in(region);
  auto const other = config.accounts.find(account);
  if (!account.empty() && other == config.accounts.end()) return limits;
  auto const& changes = account.empty() ? config.limits : other->second.limits;
  auto const change = changes.find(model.name);
  return change == changes.end() ? limits : laid_over(limits, change->second);
}

Limits laid_over(Limits base, LimitsChange const& change) {
  if (change.creates_per_second) {
    base.creates = *change.creates_per_second;
    base.window = seconds{1};
  }
  base.slots = change.slots.value_or(base.slots);
  base.creates_in_flight = change.creates_in_flight.value_or(base.creates_in_flight);
  return base;
}

ConfigRead read_config(std::string_view text, std::string const& file, Models const& models) {
  Text const source{text};
  Complaints complaints{source, file};
  ConfigRead result;
  auto const root = read_tree(source, complaints);
  ConfigReader{result.config, models, complaints}.read(View{root});
  result.complaints = complaints.take();
  return result;
}

}  // namespace wanspool
