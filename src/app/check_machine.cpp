#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "app/checks.h"
#include "app/words.h"
#include "core/skew.h"
#include "engine/reserve.h"

namespace wanspool::app::check {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kMiB = 1u << 20;
constexpr std::uintmax_t kPicture = 4 * kMiB;  // what one is thought to take
constexpr std::uintmax_t kComfort = 1024 * kMiB;
constexpr seconds kSkewMost{60};
constexpr std::size_t kSamples = 20;
constexpr std::uint64_t kFilesEnough = 256;

std::string size_of(std::uintmax_t bytes) {
  return bytes >= 10 * kComfort ? fmt::format("{} GiB", bytes / kComfort)
                                : fmt::format("{} MiB", bytes / kMiB);
}

std::uintmax_t device_of(fs::path const& folder) {
  struct stat info {};
  return ::stat(folder.c_str(), &info) == 0 ? info.st_dev : 0;
}

// What is paid for or may be, and not here yet.
std::uintmax_t pictures_to_come(Patient const& patient) {
  std::uintmax_t pictures = 0;
  if (patient.reader)
    for (auto const& task : patient.glance->active(kActiveMost))
      pictures += static_cast<std::uintmax_t>(std::max(task.wanted, static_cast<int>(task.pictures.size())));
  return pictures;
}

// Who works on the spool, or would by the look of it.
uid_t worker_of(Patient const& patient) {
  struct stat info {};
  auto const process = "/proc/" + std::to_string(patient.keeper.pid);
  if (patient.keeper.pid > 0 && ::stat(process.c_str(), &info) == 0) return info.st_uid;
  return ::stat(patient.root.c_str(), &info) == 0 ? info.st_uid : ::geteuid();
}

// The smallest of the newest ones, which a slow answer has blurred least.
std::optional<milliseconds> least_skew(Patient const& patient) {
  std::optional<milliseconds> least;
  if (!patient.reader) return least;
  for (auto const& lane : patient.reader->lanes())
    for (auto const& task : patient.glance->newest(lane.key(), kSamples))
      if (auto const skew = skew_of(task.times);
          skew && (!least || std::chrono::abs(*skew) < std::chrono::abs(*least)))
        least = skew;
  return least;
}

// Of one folder in which the worker makes and renames files.
Diagnoses folder_of(Patient const& patient, fs::path const& folder, uid_t worker) {
  struct stat info {};
  auto const name = folder.string();
  auto const user = user_name(worker);
  if (::stat(folder.c_str(), &info) != 0 && errno == ENOENT && folder != patient.spool().inbox)
    return {};  // whoever works makes it
  if (::stat(folder.c_str(), &info) != 0)
    return {wrong(kCannotMake, fmt::format("{}: {}", name, std::generic_category().message(errno)),
                  errno == EACCES ? "look as root" : "make it, or correct paths: in the configuration")};
  if (!may_write(worker, folder))
    return {wrong(kCannotMake,
                  fmt::format("{} may not write in {} (mode {:04o}, of {})", user, name, info.st_mode & 07777,
                              user_name(info.st_uid)),
                  // What waits in the inbox keeps its owner, whose it is.
                  fmt::format("chown {} {}", user, name))};
  struct stat root {};
  bool const is_open = ::stat(patient.root.c_str(), &root) != 0 || (root.st_mode & S_IXOTH) != 0;
  if (!is_open || (info.st_mode & S_IWOTH) == 0) return {};
  if (folder != patient.spool().inbox)
    return {wrong(kMisconfigured, fmt::format("everybody may write in {}", name), "chmod o-w " + name)};
  if ((info.st_mode & S_ISVTX) == 0)
    return {warning(fmt::format("everybody may drop into {}, and replace what others have dropped", name),
                    fmt::format("chmod o-w,+t {}, and give a group the right to write", name))};
  return {};
}

// Whoever has once run it as root has left files that the service cannot write.
Diagnoses strange_owner(Patient const& patient, uid_t worker) {
  for (auto const* const ending : {"", "-wal", "-shm"}) {
    auto const file = patient.spool().database.string() + ending;
    struct stat info {};
    if (worker == 0 || ::stat(file.c_str(), &info) != 0 || info.st_uid == worker) continue;
    auto const user = user_name(worker);
    return {wrong(kCannotMake,
                  fmt::format("{} belongs to {}, and {} works here", file, user_name(info.st_uid), user),
                  fmt::format("chown -R {} {}", user, patient.spool().state.string()))};
  }
  return {};
}

}  // namespace

Diagnoses clock(Patient const& patient) {
  auto const skew = least_skew(patient);
  if (skew && !patient.is_emulated() && std::chrono::abs(*skew) > kSkewMost)
    return {
        warning(fmt::format("{} {} the provider's, by the times of the last tasks",
                            human(std::chrono::abs(*skew)), *skew > milliseconds{0} ? "behind" : "ahead of"),
                "set it right: timedatectl set-ntp true")};
  if (!patient.machine.keeps_time())
    return {warning("nothing keeps it right, says the kernel",
                    "timedatectl set-ntp true, or chrony; certificates and deadlines need it")};
  return {fine(skew && !patient.is_emulated() ? "kept right, and the provider's is the same" : "kept right")};
}

Diagnoses file_systems(Patient const& patient) {
  Diagnoses all;
  auto const& spool = patient.spool();
  auto const kind = patient.machine.strange_file_system(spool.state);
  if (kind == "tmpfs")
    all.push_back(warning(spool.state.string() + " lies in memory: a restart of the machine loses the queue",
                          "use a --root on a disk"));
  else if (!kind.empty())
    all.push_back(wrong(kMisconfigured,
                        fmt::format("{} lies on {}, where a crash can tear it", spool.state.string(), kind),
                        "use a --root on a local disk, and paths: for inbox and out"));
  for (auto const& folder : {spool.old, spool.orphans}) {
    auto const here = device_of(folder), out = device_of(spool.out);
    if (here != 0 && out != 0 && here != out)
      all.push_back(wrong(
          kMisconfigured,
          fmt::format("{} and {} lie on two file systems, and pictures are renamed from one to the other",
                      spool.out.string(), folder.string()),
          "mount the folder that holds both"));
  }
  if (all.empty()) all.push_back(fine("the queue lies on a local disk, out/ and old/ on one"));
  return all;
}

Diagnoses disk(Patient const& patient) {
  Diagnoses all;
  auto const needed = kReserve + pictures_to_come(patient) * kPicture;
  std::uintmax_t last = 0;
  for (auto const& folder : {patient.spool().state, patient.spool().out}) {
    auto const device = device_of(folder);
    if (device == 0 || device == last) continue;
    last = device;
    auto const room = patient.machine.free_bytes(folder);
    auto const found = fmt::format("{} has {} left", folder.string(), size_of(room));
    if (room < needed)
      all.push_back(
          wrong(kCannotMake,
                fmt::format("{}, and about {} are needed: no picture is bought", found, size_of(needed)),
                "make room; what is paid is fetched first, then work goes on by itself"));
    else if (patient.machine.free_files(folder) == 0)
      all.push_back(wrong(kCannotMake, folder.string() + " can hold no more files (inodes)",
                          "remove files, or make a larger file system"));
    else if (room < std::max(kComfort, needed * 4))
      all.push_back(
          warning(fmt::format("{}; about {} are needed for what is under way", found, size_of(needed)),
                  "make room soon: old/ and orphans/ hold what nobody may want any more"));
    else
      all.push_back(fine(found));
  }
  return all;
}

Diagnoses permissions(Patient const& patient) {
  auto const& spool = patient.spool();
  auto const worker = worker_of(patient);
  Diagnoses all;
  for (auto const& folder : {spool.state, spool.inbox, spool.accepted, spool.rejected, spool.out, spool.old,
                             spool.orphans, spool.files})
    for (auto& each : folder_of(patient, folder, worker)) all.push_back(std::move(each));
  for (auto& each : strange_owner(patient, worker)) all.push_back(std::move(each));
  struct stat info {};
  constexpr mode_t kDrop = S_IWGRP | S_ISGID | S_ISVTX;
  bool const can_drop = ::stat(spool.inbox.c_str(), &info) != 0 || (info.st_mode & kDrop) == kDrop;
  if (patient.is_service() && !can_drop)
    all.push_back(warning(fmt::format("{} has mode {:04o}, so that its group cannot drop as it should",
                                      spool.inbox.string(), info.st_mode & 07777),
                          "systemd-tmpfiles --create wanspool.conf"));
  if (all.empty())
    all.push_back(fine(
        fmt::format("{} may write where it must, and nobody else where he must not", user_name(worker))));
  return all;
}

Diagnoses listening(Patient const& patient) {
  auto const rescan = human(patient.context.config.rescan);
  auto const& inbox = patient.spool().inbox;
  if (auto const kind = patient.machine.strange_file_system(inbox); !kind.empty() && kind != "tmpfs")
    return {
        fine(fmt::format("the inbox lies on {}: what other machines drop is seen within {}", kind, rescan))};
  // What may be watched is counted by user: whoever else asks only learns of himself.
  if (::geteuid() != worker_of(patient)) return {};
  auto const why = patient.machine.listen(inbox);
  if (why.empty()) return {fine("drops are heard of at once")};
  return {warning(fmt::format("{}: drops are only seen within {}", why, rescan),
                  "raise fs.inotify.max_user_instances and max_user_watches with sysctl, if you mind")};
}

Diagnoses open_files(Patient const& patient) {
  auto const most = patient.machine.open_files_most(patient.keeper.pid);
  if (most == 0) return {};
  auto const found = fmt::format("{} may be open{}", most, patient.keeper.pid > 0 ? " in the daemon" : "");
  if (most >= kFilesEnough) return {fine(found)};
  return {warning(found + ", and many downloads at once need more",
                  "LimitNOFILE=8192 in the unit, or ulimit -n 8192")};
}

}  // namespace wanspool::app::check
