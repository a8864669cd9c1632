// SPDX-FileCopyrightText: 2026 The LLaVA-KD Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/base/errors.h"
#include "core/run/control_socket.h"

using namespace llavakd;
namespace fs = std::filesystem;

namespace {

/// Sends `text` and reads as many lines as it holds.
std::vector<nlohmann::json> say(const fs::path& path, const std::string& text) {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
  if (write(descriptor, text.data(), text.size()) < 0) return {};
  const auto lines = std::count(text.begin(), text.end(), '\n');
  std::string answer;
  char buffer[256];
  while (std::count(answer.begin(), answer.end(), '\n') < lines) {
    const ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count <= 0) break;
    answer.append(buffer, static_cast<size_t>(count));
  }
  close(descriptor);
  std::vector<nlohmann::json> answers;
  for (size_t begin = 0, end; (end = answer.find('\n', begin)) != std::string::npos; begin = end + 1)
    answers.push_back(nlohmann::json::parse(answer.substr(begin, end - begin)));
  return answers;
}

}  // namespace

class TestControlSocket : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;

 private Q_SLOTS:
  void obeysAndAnswers() {
    const RunFolder run{dir_.path().toStdString()};
    RunControl control;
    fs::path path;
    {
      ControlSocket socket(run, control);
      path = socket.path();
      QCOMPARE(path, run.socket());
      struct stat info {};
      QCOMPARE(stat(path.c_str(), &info), 0);
      QCOMPARE(int(info.st_mode & 0077), 0);
      socket.observe({.stage = "DPT", .stage_step = 3, .step = 3, .body = StepEvent{.total = 1.5}});
      const auto answers = say(path, "pause\nstatus\r\nresume\nsave\nfly\n");
      QCOMPARE(answers.size(), size_t(5));
      QCOMPARE(answers[0]["state"].get<std::string>(), std::string("paused"));
      QCOMPARE(answers[1]["step"].get<int>(), 3);
      QCOMPARE(answers[1]["total"].get<double>(), 1.5);
      QCOMPARE(answers[2]["state"].get<std::string>(), std::string("running"));
      QVERIFY(control.take_save_request());
      QVERIFY(!answers[4]["ok"].get<bool>());
      QCOMPARE(say(path, "stop\n")[0]["state"].get<std::string>(), std::string("stopping"));
      QVERIFY(!control.keep_going());
    }
    QVERIFY(!fs::exists(path));
  }

  void aGateIsAnswered() {
    const RunFolder run{dir_.path().toStdString()};
    RunControl control;
    ControlSocket socket(run, control);
    const auto fails = [&](const char* line) {
      return !socket.obey(line)["ok"].get<bool>();
    };
    QVERIFY(fails("go on it is fine") && fails("roll back") && fails("stop it") && !fails("status"));
    QVERIFY(!control.take_answer());
    control.ask(false);
    QVERIFY(socket.obey("status")["asks"].get<bool>());
    QVERIFY(fails("resume") && fails("go on") && fails("go on ") && fails("go onwards") && fails("roll back"));
    QVERIFY(!fails("go on  it is fine") && control.state() == RunControl::State::paused);
    const auto answer = control.take_answer();
    QVERIFY(answer && answer->what == GateAnswer::What::go_on);
    QCOMPARE(answer->reason, std::string("it is fine"));
    QVERIFY(!control.asks() && control.state() == RunControl::State::running);
    control.ask(true);
    QCOMPARE(say(socket.path(), "roll back\n").size(), size_t(1));
    QVERIFY(control.take_answer()->what == GateAnswer::What::roll_back);
    control.ask(true);
    QVERIFY(!fails("stop too bad"));
    QCOMPARE(control.take_answer()->reason, std::string("too bad"));
    control.ask(true);
    QVERIFY(!fails("stop") && control.state() == RunControl::State::stopping);
  }

  void aSecondOneIsRefusedAStaleOneReplaced() {
    const RunFolder run{dir_.path().toStdString()};
    RunControl control;
    std::optional<ControlSocket> first(std::in_place, run, control);
    QVERIFY_THROWS_EXCEPTION(UserError, ControlSocket(run, control));
    first.reset();
    const int stale = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    run.socket().string().copy(address.sun_path, sizeof address.sun_path - 1);
    QCOMPARE(bind(stale, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    close(stale);
    const ControlSocket second(run, control);
    QCOMPARE(say(second.path(), "status\n").size(), size_t(1));
  }

  void aLongPathGetsAShortSocket() {
    const RunFolder run{fs::path(dir_.path().toStdString()) / std::string(120, 'x')};
    fs::create_directories(run.path);
    RunControl control;
    fs::path path;
    {
      const ControlSocket socket(run, control);
      path = socket.path();
      QVERIFY(path.native().size() <= 107);
      QCOMPARE(say(path, "status\n").size(), size_t(1));
    }
    QVERIFY(!fs::exists(path.parent_path()));
  }

  void standardInputSteersAndItsEndDoesNothing() {
    const RunFolder run{dir_.path().toStdString()};
    RunControl control;
    int ends[2];
    QCOMPARE(pipe(ends), 0);
    const ControlSocket socket(run, control, ends[0]);
    QCOMPARE(write(ends[1], "pause\n", 6), ssize_t(6));
    QTRY_COMPARE(int(control.state()), int(RunControl::State::paused));
    close(ends[1]);
    QTest::qWait(20);
    QCOMPARE(int(control.state()), int(RunControl::State::paused));
    QCOMPARE(say(socket.path(), "resume\n").size(), size_t(1));
    close(ends[0]);
  }

  void aLineWithoutEndIsCutOff() {
    const RunFolder run{dir_.path().toStdString()};
    RunControl control;
    const ControlSocket socket(run, control);
    QVERIFY(say(socket.path(), std::string(100000, 'a') + "\n").size() <= 1);
    QCOMPARE(say(socket.path(), "status\n").size(), size_t(1));
  }

  /// As on a disk without sockets: binding fails in the run's folder.
  void anotherPlaceIsTaken() {
    const RunFolder run{fs::path(dir_.path().toStdString()) / "not there"};
    RunControl control;
    QTemporaryDir place;
    fs::path path;
    {
      const ControlSocket socket(run, control, -1, {"/not there", place.path().toStdString()});
      path = socket.path();
      QVERIFY(path.string().starts_with(place.path().toStdString()));
      QCOMPARE(socket.warning(), std::string());
      QCOMPARE(say(path, "status\n").size(), size_t(1));
    }
    QVERIFY(!fs::exists(path.parent_path()));
  }

  void withoutAPlaceTheRunGoesOnWithAWarning() {
    const RunFolder run{fs::path(dir_.path().toStdString()) / std::string(120, 'x')};
    RunControl control;
    int ends[2];
    QCOMPARE(pipe(ends), 0);
    {
      const ControlSocket socket(run, control, ends[0], {"/not there"});
      QVERIFY(socket.path().empty());
      const QString warning = QString::fromStdString(socket.warning());
      QVERIFY2(warning.contains("too long") && warning.contains("/not there"), qPrintable(warning));
      QCOMPARE(write(ends[1], "stop\n", 5), ssize_t(5));
      QTRY_COMPARE(int(control.state()), int(RunControl::State::stopping));
    }
    close(ends[0]);
    close(ends[1]);
  }

  void withoutADescriptorTheRunGoesOnWithAWarning() {
    const RunFolder run{dir_.path().toStdString()};
    RunControl control;
    const int next = dup(0);
    close(next);
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    for (const rlim_t left : {rlim_t{0}, rlim_t{1}}) {  // none for the socket, then none for the eventfd
      const rlimit few{static_cast<rlim_t>(next) + left, before.rlim_max};
      setrlimit(RLIMIT_NOFILE, &few);
      std::optional<ControlSocket> socket(std::in_place, run, control);
      const std::string warning = socket->warning();
      const bool is_open = !socket->path().empty();
      socket.reset();
      setrlimit(RLIMIT_NOFILE, &before);
      QVERIFY(!is_open && !warning.empty() && !fs::exists(run.socket()));
    }
  }

  void silentClientsShutNobodyOut() {
    const RunFolder run{dir_.path().toStdString()};
    RunControl control;
    const ControlSocket socket(run, control);
    std::vector<int> silent;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.path().string().copy(address.sun_path, sizeof address.sun_path - 1);
    for (int i = 0; i < 40; ++i) {
      silent.push_back(::socket(AF_UNIX, SOCK_STREAM, 0));
      QCOMPARE(::connect(silent.back(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    QCOMPARE(say(socket.path(), "pause\npause\nstop\nstop\npause\n").size(), size_t(5));
    QCOMPARE(int(control.state()), int(RunControl::State::stopping));
    for (const int descriptor : silent) close(descriptor);
  }
};

QTEST_GUILESS_MAIN(TestControlSocket)
#include "tst_control_socket.moc"
