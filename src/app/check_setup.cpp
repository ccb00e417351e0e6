#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>

#include "app/account.h"
#include "app/checks.h"
#include "app/words.h"
#include "provider/provider.h"

namespace wanspool::app::check {

namespace fs = std::filesystem;

namespace {

constexpr char kCredstore[] = "/etc/credstore/";

std::string variable(char const* name) {
  auto const* const value = std::getenv(name);
  return value ? value : "";
}

// Where the key of an account comes from: words, and the file if it is one.
struct Source {
  std::string words;
  fs::path file;
};

Source source_of(Patient const& patient, std::string const& account) {
  bool const is_main = account.empty();
  if (is_main && !variable("DASHSCOPE_API_KEY").empty()) return {"DASHSCOPE_API_KEY of this shell", {}};
  auto const name = is_main ? std::string{"dashscope-api-key"} : "dashscope-api-key-" + account;
  std::error_code ignored;
  if (auto const folder = variable("CREDENTIALS_DIRECTORY"); !folder.empty())
    if (auto const file = fs::path{folder} / name; fs::exists(file, ignored))
      return {"the credential " + file.string(), {}};
  auto const& config = patient.context.config;
  auto const& file = is_main ? config.api_key_file : config.accounts.at(account).api_key_file;
  if (!file.empty()) return {(patient.root / file).string(), patient.root / file};
  return {};
}

// systemd hands it to the service and to nobody else, so that only root can look.
Diagnoses key_in_credstore(std::string const& account) {
  fs::path const file = kCredstore + (account.empty() ? "dashscope-api-key" : "dashscope-api-key-" + account);
  std::error_code error;
  bool const is_there = fs::exists(file, error);
  if (error == std::errc::permission_denied)
    return {warning("it should be " + file.string() + ", where only root may look", "run doctor as root")};
  if (!is_there) return {};
  struct stat info {};
  if (::stat(file.c_str(), &info) == 0 && info.st_size == 0)
    return {wrong(kAccount, file.string() + " is empty", "put the key into it, systemctl restart wanspool")};
  if ((info.st_mode & 077) != 0)
    return {
        warning(fmt::format("{} may be read by others (mode {:04o})", file.string(), info.st_mode & 07777),
                "chmod 600 " + file.string())};
  return {fine(file.string() + "; the service got it when it was started")};
}

Diagnosis key_of(Patient const& patient, std::string const& account) {
  auto const key = read_key(patient.context.config, patient.root, patient.context.region, account);
  auto const source = source_of(patient, account);
  auto const whose = account.empty() ? std::string{} : "account " + account + ": ";
  if (!key.complaint.empty())
    return wrong(kAccount, whose + key.complaint,
                 "mend the file; its reader must be the user that the daemon runs as");
  if (key.text.empty())
    return wrong(kAccount, whose + "there is none, so that nothing is bought",
                 account.empty()
                     ? "set DASHSCOPE_API_KEY, systemd's credential dashscope-api-key, or api_key_file:"
                     : fmt::format("set its api_key_file:, or the credential dashscope-api-key-{}", account));
  if (patient.is_emulated()) return fine(whose + "an emulator takes any, unless --key has given it one");
  struct stat info {};
  if (!source.file.empty() && ::stat(source.file.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
    return warning(
        fmt::format("{}{} may be read by others (mode {:04o})", whose, source.words, info.st_mode & 07777),
        "chmod 600 " + source.words);
  if (!key.text.starts_with("sk-"))
    return warning(
        fmt::format("{}{} does not begin with sk-, as keys of the service do", whose, source.words),
        "look whether it is whole, and nothing else");
  return fine(whose + source.words);
}

constexpr std::array kProxies{"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"};

// It may hold a password.
std::string without_user(std::string const& address) {
  auto const at = address.rfind('@');
  auto const scheme = address.find("://");
  if (at == address.npos) return address;
  return (scheme == address.npos ? "" : address.substr(0, scheme + 3)) + "…" + address.substr(at);
}

}  // namespace

Diagnoses spool(Patient const& patient) {
  if (!patient.root.empty()) return {fine(patient.root.string())};
  if (!patient.asked.empty()) refuse_locked(patient.asked);
  std::error_code ignored;
  bool const hidden =
      fs::exists(kServiceRoot, ignored) && !fs::exists(fs::path{kServiceRoot} / "inbox", ignored);
  return {wrong(
      kWrong, "there is none here",
      hidden ? fmt::format("the service's is {}: look as root or as a member of its group", kServiceRoot)
             : "wanspool init, or --root DIR")};
}

Diagnoses configuration(Patient const& patient) {
  if (!patient.misconfigured.empty()) {
    // The first line only says that it is wrong; each of the others names a place.
    auto const end = patient.misconfigured.find('\n');
    auto const words =
        end == std::string::npos ? patient.misconfigured : patient.misconfigured.substr(end + 1);
    return {
        wrong(kMisconfigured, words, "correct it; a daemon that runs goes on with what it has read before")};
  }
  accounts_of(patient.context.config, patient.root, patient.context.endpoint, patient.context.region);
  return {fine("can be read")};
}

Diagnoses key(Patient const& patient) {
  Diagnoses all;
  for (auto const& account : patient.context.account_names()) {
    bool const is_known = !source_of(patient, account).words.empty() || patient.is_emulated();
    auto stored = is_known || !patient.is_service() ? Diagnoses{} : key_in_credstore(account);
    if (stored.empty()) stored.push_back(key_of(patient, account));
    all.insert(all.end(), stored.begin(), stored.end());
  }
  return all;
}

Diagnoses endpoint(Patient const& patient) {
  Diagnoses all;
  auto const& context = patient.context;
  for (auto const& each : accounts_of(context.config, patient.root, context.endpoint, context.region)) {
    auto const failure = patient.machine.reach(each.endpoint);
    auto const found = fmt::format("{}, region {}", each.endpoint, context.region);
    if (!failure.empty())
      all.push_back(
          warning(fmt::format("{}, cannot be reached from here: {}", found, failure),
                  "look at name server, proxy and firewall; work goes on by itself when it answers"));
    else if (context.region == "unknown")
      all.push_back(warning(found + ", answers; the highest prices and lowest limits are assumed",
                            "set region: in the configuration"));
    else
      all.push_back(fine(found + ", can be connected to"));
  }
  return all;
}

Diagnoses proxy(Patient const&) {
  std::string words;
  for (auto const* const name : kProxies)
    if (auto const value = variable(name); !value.empty())
      words += fmt::format("{}{}={}", words.empty() ? "" : " ", name, without_user(value));
  if (words.empty()) return {};
  auto except = variable("no_proxy");
  if (except.empty()) except = variable("NO_PROXY");
  if (!except.empty()) words += "; not for " + except;
  return {fine(words + "; of this shell, a service has variables of its own")};
}

}  // namespace wanspool::app::check
