#include "engine/expand.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "base/fd.h"
#include "base/sha256.h"
#include "engine/local_pictures.h"

namespace wanspool {
namespace {

// A manifest of a million plain jobs is about 200 MB.
constexpr std::size_t kManifestMost = 512u << 20;
constexpr std::size_t kFirstLook = 8192;

// A zero byte is in no text but UTF-16, of which the reader has more to say.
bool is_binary(std::string_view beginning) {
  return beginning.find('\0') != beginning.npos && !beginning.starts_with("\xff\xfe") &&
         !beginning.starts_with("\xfe\xff");
}

// A spill that is not whole goes: it may be what fills the disk.
class Discard {
 public:
  explicit Discard(std::filesystem::path const& path) : path_{path} {}
  Discard(Discard const&) = delete;
  Discard& operator=(Discard const&) = delete;
  ~Discard() {
    std::error_code ignored;
    if (!kept_) std::filesystem::remove(path_, ignored);
  }
  void keep() { kept_ = true; }

 private:
  std::filesystem::path const& path_;
  bool kept_ = false;
};

Expansion asked_by(CommandRead read) {
  Expansion expansion;
  expansion.command = std::move(read.command);
  expansion.head.complaints = std::move(read.complaints);
  return expansion;
}

// Words against a yes to a price that is not in the currency of the prices.
std::string wrong_currency(Handover const& handover, Models const& models) {
  if (handover.currency.empty() || models.empty()) return {};
  auto const& ours = models.begin()->second.currency;
  if (handover.currency == ours) return {};
  return fmt::format("the price agreed to is in {}, and pictures are paid in {}; hand the manifest over anew",
                     handover.currency, ours);
}

}  // namespace

// What goes wrong here lies in the manifest: it is never a std::system_error, which would pass for trouble
// with our own files.
std::string manifest_text(std::filesystem::path const& file, std::string const& called) {
  auto const name = called.empty() ? file.string() : called;
  auto const fail = [&](std::string const& why) {
    throw std::runtime_error{fmt::format("cannot read {}: {}", name, why)};
  };
  auto const too_large = [&] {
    throw std::runtime_error{name + " is larger than 512 MiB; split it into several manifests"};
  };
  Fd const fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) fail(std::generic_category().message(errno));
  if (!S_ISREG(info.st_mode))
    throw std::runtime_error{name + " is no plain file; a manifest is a file of text"};
  if (static_cast<std::size_t>(info.st_size) > kManifestMost) too_large();
  std::string text;
  text.reserve(static_cast<std::size_t>(info.st_size) + 1);
  char piece[65536];
  for (;;) {
    auto const got = ::read(fd.get(), piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(std::generic_category().message(errno));
    if (got == 0) return text;
    if (text.empty() &&
        is_binary(std::string_view{piece, static_cast<std::size_t>(got)}.substr(0, kFirstLook)))
      throw std::runtime_error{
          name + " holds zero bytes and so is no text; a manifest is YAML or JSON, saved as UTF-8"};
    text.append(piece, static_cast<std::size_t>(got));
    if (text.size() > kManifestMost) too_large();
  }
}

bool lacks_a_file(std::filesystem::path const& folder, std::string const& source, Models const& models) {
  auto const bundle = open_bundle(folder, source);
  if (bundle.mapped) return false;
  bool lacks = false;
  auto const text = manifest_text(bundle.manifest, bundle.handover.file);
  auto const lacking = [&](std::string const&) { lacks = true; };
  read_manifest({text,
                 bundle.handover.file,
                 bundle.name,
                 files_of(bundle, folder, lacking),
                 {},
                 {},
                 globs_of(bundle, folder, lacking)},
                models, [](ManifestJob const&) {});
  return lacks;
}

Expansion expand(std::filesystem::path const& claim, std::string const& source,
                 std::filesystem::path const& spill, std::filesystem::path const& files, Models const& models,
                 std::string const& region, std::uint64_t most) {
  auto const bundle = open_bundle(claim, source);
  auto const& handover = bundle.handover;
  auto const text = manifest_text(bundle.manifest, bundle.handover.file);
  if (is_command(text)) return asked_by(read_command(text, handover.file));
  Discard discard{spill};
  SpillWriter out{spill, most};
  Expansion expansion;
  LocalPictures pictures{files};
  expansion.head = read_rows({text,
                              handover.file,
                              bundle.name,
                              files_of(bundle, claim),
                              pictures.looking(),
                              {},
                              globs_of(bundle, claim)},
                             models, region, handover.selection, [&](NewJob const& job) { out.add(job); });
  pictures.finish();
  expansion.file = handover.file;
  expansion.sha256 = sha256_hex(text);
  expansion.partial = !handover.selection.all();
  expansion.agreed = handover.agreed;
  if (auto const words = wrong_currency(handover, models); !words.empty())
    expansion.head.complaints.push_back({handover.file, 0, 0, words});
  out.finish();
  discard.keep();
  return expansion;
}

}  // namespace wanspool
