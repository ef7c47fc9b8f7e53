import Foundation
import Subprocess
import TestSupport
import Testing

@Suite("simulate train", .enabled(if: BuildProducts.has("simulate"), "needs the executable simulate beside the tests"), .timeLimit(.minutes(5)))
struct TrainCommandTests {
    private static let recipe = """
        model: {gru4rec: {embedding-dimension: 16, embedding-dropout: 0.1}}
        training: {optimizer: {adamw: {learning-rate: 0.01}}, batch-size: 16, maximum-length: 20}
        epochs: 12
        schedule: {cosine: {warm-up-epochs: 1}}
        weight-averaging: {decay: 0.9}
        """

    /// People who walk upwards through the items, with a header and times.
    private static func events(_ users: Int) -> String {
        var lines = ["user,item,time"]
        for user in 0..<users {
            for step in 0..<20 { lines.append("u\(user),i\((user * 7 + step * (1 + user % 2)) % 40),\(1_600_000_000 + user * 1000 + step * 60)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func files(in root: URL, users: Int = 80) throws -> [String] {
        try recipe.write(to: root.appending(path: "walk.yaml"), atomically: true, encoding: .utf8)
        try events(users).write(to: root.appending(path: "events.csv"), atomically: true, encoding: .utf8)
        return ["train", "--recipe", root.appending(path: "walk.yaml").plainPath, "--data", root.appending(path: "events.csv").plainPath, "--seed", "3", "--format", "json"]
    }

    private static func lines(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }

    /// The last line without what differs from run to run.
    private static func figure(_ result: FinishedProcess) throws -> NSDictionary {
        var line = try #require(try lines(result.output).last)
        for key in ["seconds", "command"] { line[key] = nil }
        return line as NSDictionary
    }

    @Test("the last line has the figures, the chosen epoch, the floors and the protocol; an epoch has a line of its own")
    func lastLine() async throws {
        try await withTemporaryDirectory { root in
            let arguments = try Self.files(in: root)
            let result = try await withProcesses { try await $0.run("simulate", arguments) }
            #expect(result.exitCode == 0, "\(result)")
            let lines = try Self.lines(result.output)
            let last = try #require(lines.last)
            #expect(lines.count == 13 && lines[0]["epoch"] as? Int == 1)
            for key in ["hr@10", "ndcg@10", "epochs", "seconds", "users", "items", "events"] { #expect(last[key] is NSNumber, "\(key)") }
            for key in ["model", "recipe", "data_digest", "command"] { #expect(last[key] is String, "\(key)") }
            let floors = try #require(last["floors"] as? [String: [String: Double]])
            #expect(Set(floors.keys) == ["popularity", "markov", "recent-popularity"])
            #expect((last["protocol"] as? [String: String])?["candidates"] == "full")
            // The chosen epoch is the one with the best validation figure.
            let figures = lines.dropLast().map { ($0["validation"] as? [String: Double])?["ndcg@10"] ?? -1 }
            let best = try #require(figures.max())
            #expect(last["epochs"] as? Int == (figures.firstIndex(of: best) ?? -1) + 1)
            #expect((last["validation"] as? [String: Double])?["ndcg@10"] == best)
        }
    }

    @Test("a training that is killed and resumed gives the figures and the model of one that was not")
    func killed() async throws {
        try await withTemporaryDirectory { root in
            let arguments = try Self.files(in: root, users: 400)
            let kept = arguments + ["--checkpoint", root.appending(path: "checkpoints").plainPath, "--checkpoint-steps", "3"]
            let models = ["whole", "resumed"].map { root.appending(path: $0).plainPath }
            let (whole, resumed) = try await withProcesses { launcher in
                let whole = try await launcher.run("simulate", arguments + ["--save", models[0]])
                let doomed = launcher.launch("simulate", kept)
                _ = try await doomed.line(containing: "\"epoch\":2")
                try await doomed.send(.kill)
                _ = try await doomed.end()
                return (whole, try await launcher.run("simulate", kept + ["--resume", "--save", models[1]]))
            }
            #expect(whole.exitCode == 0 && resumed.exitCode == 0, "\(resumed)")
            #expect(try Self.figure(whole) == Self.figure(resumed))
            #expect(try Data(contentsOf: URL(filePath: models[0])) == Data(contentsOf: URL(filePath: models[1])))
            let other = try await withProcesses { try await $0.run("simulate", kept + ["--resume", "--seed", "4"]) }
            #expect(other.exitCode == 65 && other.error.contains("another seed"), "\(other)")
        }
    }

    @Test("an unknown recipe, a misspelt key and an unreadable file are named, each with its exit status")
    func mistakes() async throws {
        try await withTemporaryDirectory { root in
            let arguments = try Self.files(in: root)
            try (Self.recipe + "\nepoch: 3\n").write(to: root.appending(path: "bad.yaml"), atomically: true, encoding: .utf8)
            let bad = root.appending(path: "bad.yaml").plainPath
            let results = try await withProcesses { launcher in
                [
                    try await launcher.run("simulate", ["train", "--recipe", "no-such", "--data", arguments[4]]),
                    try await launcher.run("simulate", ["train", "--recipe", bad, "--data", arguments[4]]),
                    try await launcher.run("simulate", ["train", "--recipe", arguments[2], "--data", "/nowhere.csv"]),
                ]
            }
            #expect(results[0].exitCode == 66 && results[0].error.contains("no recipe no-such"), "\(results[0])")
            #expect(results[1].exitCode == 65 && results[1].error.contains("unknown key `epoch`"), "\(results[1])")
            #expect(results[2].exitCode == 66, "\(results[2])")
        }
    }
}
