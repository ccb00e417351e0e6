#include "app/reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace wanspool::app {
namespace {

using Names = std::vector<std::string>;

template <typename T>
void note(Names& names, char const* name, T const& before, T const& after) {
  if (before != after) names.emplace_back(name);
}

// Endpoints, keys and places are looked at when work begins, and rows of the queue depend on them.
void keep(Names& kept, Config const& running, Config& fresh) {
  note(kept, "endpoint", running.endpoint, fresh.endpoint);
  note(kept, "region", running.region, fresh.region);
  note(kept, "workspace", running.workspace, fresh.workspace);
  note(kept, "allow_http", running.allow_http, fresh.allow_http);
  note(kept, "api_key_file", running.api_key_file, fresh.api_key_file);
  note(kept, "paths", std::pair{running.inbox, running.out}, std::pair{fresh.inbox, fresh.out});
  note(kept, "files", running.files, fresh.files);
  note(kept, "result_hosts", running.result_hosts, fresh.result_hosts);
  note(kept, "upload_hosts", running.upload_hosts, fresh.upload_hosts);
  fresh.endpoint = running.endpoint;
  fresh.region = running.region;
  fresh.workspace = running.workspace;
  fresh.allow_http = running.allow_http;
  fresh.api_key_file = running.api_key_file;
  fresh.inbox = running.inbox;
  fresh.out = running.out;
  fresh.files = running.files;
  fresh.result_hosts = running.result_hosts;
  fresh.upload_hosts = running.upload_hosts;
}

// Who they are; of each its limits, its rates and its budget may change.
void keep_accounts(Names& kept, Config const& running, Config& fresh) {
  auto named = std::exchange(fresh.accounts, {});
  bool differ = false;
  for (auto const& [name, before] : running.accounts) {
    auto const found = named.find(name);
    auto& its = fresh.accounts.emplace(name, found == named.end() ? before : found->second).first->second;
    differ = differ || found == named.end() || its.endpoint != before.endpoint ||
             its.workspace != before.workspace || its.api_key_file != before.api_key_file;
    its.endpoint = before.endpoint;
    its.workspace = before.workspace;
    its.api_key_file = before.api_key_file;
    auto const caps = running.caps.accounts.find(name);
    if (found == named.end() && caps != running.caps.accounts.end()) fresh.caps.accounts.insert(*caps);
    named.erase(name);
  }
  for (auto const& [name, ignored] : named) fresh.caps.accounts.erase(name);
  if (differ || !named.empty()) kept.emplace_back("accounts");
}

void note_changes(Names& changed, Config const& running, Config const& fresh) {
  note(changed, "models", running.models, fresh.models);
  note(changed, "limits", running.limits, fresh.limits);
  note(changed, "accounts", running.accounts, fresh.accounts);
  note(changed, "queries_per_second", running.queries_per_second, fresh.queries_per_second);
  note(changed, "lists_per_second", running.lists_per_second, fresh.lists_per_second);
  note(changed, "ask_above", running.ask_above, fresh.ask_above);
  note(changed, "budget", running.caps, fresh.caps);
  note(changed, "timezone", running.timezone, fresh.timezone);
  note(changed, "doubt", running.list_delay, fresh.list_delay);
  note(changed, "inbox", std::pair{running.settle, running.rescan}, std::pair{fresh.settle, fresh.rescan});
  note(changed, "metrics", std::pair{running.metrics_file, running.metrics_every},
       std::pair{fresh.metrics_file, fresh.metrics_every});
  note(changed, "log", running.json_logs, fresh.json_logs);
  note(changed, "hooks", running.hooks, fresh.hooks);
}

}  // namespace

Reload reloaded(Context const& running, Context fresh) {
  Reload reload;
  keep(reload.kept, running.config, fresh.config);
  keep_accounts(reload.kept, running.config, fresh.config);
  note_changes(reload.changed, running.config, fresh.config);
  reload.context = running;
  reload.context.config = std::move(fresh.config);
  reload.context.models = std::move(fresh.models);
  return reload;
}

std::string words_of_changes(std::vector<std::string> const& changed) {
  if (changed.empty()) return "the configuration was read anew: nothing of it has changed";
  return fmt::format("the configuration was read anew: {} as it says from now on", fmt::join(changed, ", "));
}

std::string words_of_kept(std::vector<std::string> const& kept) {
  return fmt::format("the configuration says something else of {}; that needs a restart and stays as it is",
                     fmt::join(kept, ", "));
}

}  // namespace wanspool::app
