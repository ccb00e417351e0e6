// The yardstick: does for N jobs what wanspool does on the wire and on the disk, and nothing else. There is
// no database, no limit and no check, so no spooler with this disk and this libcurl can be faster.
#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr int kSyncers = 4;                          // as many file workers as the daemon has
constexpr std::size_t kJobsOpen = 256;               // created and not yet on disk
constexpr std::chrono::milliseconds kAskAgain{100};  // for a task that was not finished when asked
constexpr std::size_t kResultBytes = 1500;

struct Options {
  std::string endpoint;
  int jobs = 1000;
  fs::path out;
  int creates_in_flight = 1;
};

[[noreturn]] void die(std::string const& why) {
  fmt::print(stderr, "bench-bare: {}\n", why);
  std::_Exit(1);
}

[[noreturn]] void die_of_errno(std::string const& wanted, fs::path const& path) {
  die(fmt::format("cannot {} {}: {}", wanted, path.string(), std::generic_category().message(errno)));
}

int create_file(fs::path const& path) {
  auto const fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) die_of_errno("create", path);
  return fd;
}

void write_all(int fd, std::string_view bytes, fs::path const& path) {
  while (!bytes.empty()) {
    auto const written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) die_of_errno("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Syncs and closes the `.part` file and gives it its name.
void publish(int fd, fs::path const& part, fs::path const& path) {
  if (::fsync(fd) != 0) die_of_errno("sync", part);
  ::close(fd);
  if (::rename(part.c_str(), path.c_str()) != 0) die_of_errno("rename", part);
}

void sync_folder(fs::path const& folder) {
  auto const fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || ::fsync(fd) != 0) die_of_errno("sync", folder);
  ::close(fd);
}

enum class Step { Create, Ask, Fetch };

struct Job {
  int number = 0;
  Step step = Step::Create;
  std::string task_id;
  std::string picture_url;
  std::string request;
  std::string body;  // of the answer, where it is not the picture
  fs::path folder;
  fs::path part;
  int fd = -1;
  Steady::time_point due;
};

std::string result_of(Job const& job) {
  nlohmann::ordered_json result{{"schema", 1},
                                {"job", job.folder.filename().string()},
                                {"state", "done"},
                                {"task_id", job.task_id},
                                {"pictures", {{{"file", "image-1.png"}}}}};
  auto const bare = result.dump(2).size();
  if (bare < kResultBytes) result["filler"] = std::string(kResultBytes - bare, '.');
  return result.dump(2);
}

// Brings pictures and stories onto the disk, off the loop.
class Syncers {
 public:
  explicit Syncers(CURLM* loop) : loop_{loop} {
    for (int i = 0; i < kSyncers; ++i) threads_.emplace_back([this] { run(); });
  }
  ~Syncers() {
    {
      std::scoped_lock const lock{mutex_};
      over_ = true;
    }
    work_.notify_all();
    for (auto& each : threads_) each.join();
  }

  void take(std::unique_ptr<Job> job) {
    {
      std::scoped_lock const lock{mutex_};
      queue_.push_back(std::move(job));
    }
    work_.notify_one();
  }

  // How many have been finished since it was asked last.
  int finished() {
    std::scoped_lock const lock{mutex_};
    return std::exchange(finished_, 0);
  }

 private:
  void run() {
    std::unique_lock lock{mutex_};
    for (;;) {
      work_.wait(lock, [&] { return over_ || !queue_.empty(); });
      if (queue_.empty()) return;
      auto const job = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      store(*job);
      lock.lock();
      ++finished_;
      curl_multi_wakeup(loop_);
    }
  }

  static void store(Job const& job) {
    publish(job.fd, job.part, job.folder / "image-1.png");
    auto const part = job.folder / "result.json.part";
    auto const fd = create_file(part);
    write_all(fd, result_of(job), part);
    publish(fd, part, job.folder / "result.json");
    sync_folder(job.folder);
  }

  CURLM* loop_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<std::unique_ptr<Job>> queue_;
  int finished_ = 0;
  bool over_ = false;
  std::vector<std::thread> threads_;
};

std::size_t keep_body(char* bytes, std::size_t, std::size_t size, void* job) noexcept {
  static_cast<Job*>(job)->body.append(bytes, size);
  return size;
}

std::size_t keep_picture(char* bytes, std::size_t, std::size_t size, void* job) noexcept {
  auto& self = *static_cast<Job*>(job);
  write_all(self.fd, {bytes, size}, self.part);
  return size;
}

class Run {
 public:
  explicit Run(Options const& options) : options_{options}, multi_{curl_multi_init()}, syncers_{multi_} {
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(kJobsOpen));
    for (auto const* line : {"Authorization: Bearer sk-bench", "Expect:"})
      headers_ = curl_slist_append(headers_, line);
    for (auto const* line : {"Authorization: Bearer sk-bench", "Content-Type: application/json",
                             "X-DashScope-Async: enable", "Expect:"})
      create_headers_ = curl_slist_append(create_headers_, line);
  }

  void to_the_end() {
    int running = 0;
    while (done_ < options_.jobs) {
      create_more();
      ask_again();
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (auto const* const message = curl_multi_info_read(multi_, &left))
        finish(message->easy_handle, message->data.result);
      auto const stored = syncers_.finished();
      done_ += stored;
      open_ -= static_cast<std::size_t>(stored);
      if (done_ < options_.jobs && !may_create())
        curl_multi_poll(multi_, nullptr, 0, static_cast<int>(kAskAgain.count()), nullptr);
    }
  }

 private:
  bool may_create() const {
    return next_ <= options_.jobs && creating_ < options_.creates_in_flight && open_ < kJobsOpen;
  }

  void create_more() {
    for (; may_create(); ++next_, ++creating_, ++open_) {
      auto job = std::make_unique<Job>();
      job->number = next_;
      job->request =
          nlohmann::json{
              {"model", "wan2.6-t2i"},
              {"input",
               {{"messages",
                 {{{"role", "user"}, {"content", {{{"text", fmt::format("bench picture {}", next_)}}}}}}}}},
              {"parameters", {{"n", 1}, {"size", "1280*1280"}}}}
              .dump();
      send(std::move(job), Step::Create);
    }
  }

  void ask_again() {
    while (!unfinished_.empty() && unfinished_.front()->due <= Steady::now()) {
      send(std::move(unfinished_.front()), Step::Ask);
      unfinished_.pop_front();
    }
  }

  CURL* handle() {
    if (idle_.empty()) return curl_easy_init();
    auto* const easy = idle_.back();
    idle_.pop_back();
    curl_easy_reset(easy);
    return easy;
  }

  void send(std::unique_ptr<Job> job, Step step) {
    auto* const easy = handle();
    job->step = step;
    job->body.clear();
    curl_easy_setopt(easy, CURLOPT_URL, url_of(*job).c_str());
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, job.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, step == Step::Fetch ? &keep_picture : &keep_body);
    if (step != Step::Fetch) {
      curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, step == Step::Create ? create_headers_ : headers_);
    }
    if (step == Step::Create) {
      curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, job->request.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_PRIVATE, job.release());
    curl_multi_add_handle(multi_, easy);
  }

  std::string url_of(Job const& job) const {
    switch (job.step) {
      case Step::Create:
        return options_.endpoint + "/services/aigc/image-generation/generation";
      case Step::Ask:
        return options_.endpoint + "/tasks/" + job.task_id;
      case Step::Fetch:
        return job.picture_url;
    }
    return {};
  }

  void finish(CURL* easy, CURLcode code) {
    char* address = nullptr;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &address);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    std::unique_ptr<Job> job{reinterpret_cast<Job*>(address)};
    curl_multi_remove_handle(multi_, easy);
    idle_.push_back(easy);
    if (code != CURLE_OK || status != 200)
      die(fmt::format("job {}, step {}: status {}, {}; {}", job->number, static_cast<int>(job->step), status,
                      curl_easy_strerror(code), job->body));
    go_on(std::move(job));
  }

  void go_on(std::unique_ptr<Job> job) {
    if (job->step == Step::Fetch) return syncers_.take(std::move(job));
    auto const output = nlohmann::json::parse(job->body).at("output");
    if (job->step == Step::Create) {
      --creating_;
      job->task_id = output.at("task_id");
      return send(std::move(job), Step::Ask);
    }
    auto const state = output.at("task_status").get<std::string>();
    if (state == "PENDING" || state == "RUNNING") {
      job->due = Steady::now() + kAskAgain;
      unfinished_.push_back(std::move(job));
      return;
    }
    if (state != "SUCCEEDED") die(fmt::format("job {} ended as {}", job->number, job->body));
    job->picture_url = output.at("choices").at(0).at("message").at("content").at(0).at("image");
    fetch(std::move(job));
  }

  void fetch(std::unique_ptr<Job> job) {
    job->folder = options_.out / fmt::format("job-{:06}", job->number);
    fs::create_directory(job->folder);
    job->part = job->folder / "image-1.png.part";
    job->fd = create_file(job->part);
    send(std::move(job), Step::Fetch);
  }

  Options const& options_;
  CURLM* multi_;  // lives as long as the program, as all handles do
  Syncers syncers_;
  curl_slist* headers_ = nullptr;
  curl_slist* create_headers_ = nullptr;
  std::vector<CURL*> idle_;
  std::deque<std::unique_ptr<Job>> unfinished_;  // in the order of `due`
  int next_ = 1;
  int done_ = 0;
  int creating_ = 0;
  std::size_t open_ = 0;
};

double seconds_of(timeval const& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

void report(Options const& options, double seconds) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  fmt::print(R"({{"jobs": {}, "seconds": {:.3f}, "rate": {:.1f}, "cpu_seconds": {:.3f}, "peak_rss_kib": {}}})"
             "\n",
             options.jobs, seconds, options.jobs / seconds,
             seconds_of(used.ru_utime) + seconds_of(used.ru_stime), used.ru_maxrss);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Makes the requests and files of N jobs with nothing between them."};
  app.add_option("--endpoint", options.endpoint, "the emulator, with /api/v1")->required();
  app.add_option("--jobs", options.jobs, "how many")->check(CLI::PositiveNumber);
  app.add_option("--out", options.out, "a folder for the pictures")->required();
  app.add_option("--creates-in-flight", options.creates_in_flight, "at once")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  try {
    fs::create_directories(options.out);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    auto const began = Steady::now();
    Run{options}.to_the_end();
    report(options, std::chrono::duration<double>(Steady::now() - began).count());
  } catch (std::exception const& error) {
    die(error.what());
  }
}
