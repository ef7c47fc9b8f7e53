import Foundation
import TestSupport
import Testing

@Suite("simulate run", .timeLimit(.minutes(5)))
struct SimulateRunTests {
    private struct Summary: Decodable, Equatable {
        var finalModel: String
        var publishedRounds: Int
        var coordinatorStarts: Int
        enum CodingKeys: String, CodingKey { case finalModel = "final_model", publishedRounds = "published_rounds", coordinatorStarts = "coordinator_starts" }
    }
    private func summary(_ result: FinishedProcess) throws -> Summary {
        let line = try #require(result.output.split(separator: "\n").last, "\(result)")
        return try JSONDecoder().decode(Summary.self, from: Data(line.utf8))
    }

    @Test("trouble changes the course but not the model, and the results are written")
    func faults() async throws {
        try await withTemporaryDirectory { root in
            let plan = root.appending(path: "plan.yaml")
            try ProcessWorld.plan(privacy: "local", nodes: 3, deadline: 3600).write(to: plan, atomically: true, encoding: .utf8)
            let arguments = ["run", "--synthetic", "90:60:1", "--nodes", "3", "--plan", plan.plainPath, "--format", "json"]
            let results = root.appending(path: "out").plainPath
            let faults = PackageTree.root.appending(path: "examples/faults.yaml").plainPath
            let (calm, stormy) = try await withProcesses { launcher in
                async let calm = launcher.run("simulate", arguments)
                async let stormy = launcher.run("simulate", arguments + ["--faults", faults, "--results", results])
                return (try await calm, try await stormy)
            }
            #expect(calm.exitCode == 0 && stormy.exitCode == 0, "\(calm) \(stormy)")
            let (first, second) = (try summary(calm), try summary(stormy))
            #expect(first.publishedRounds == 2 && second.publishedRounds == 2)
            #expect(first.finalModel == second.finalModel)
            #expect(second.coordinatorStarts == 2)
            for name in ["rounds.json", "summary.json", "model.bin"] { #expect(FileManager.default.fileExists(atPath: results + "/" + name)) }
        }
    }

    @Test("an unknown key in the faults names the key and ends with 65")
    func unknownFault() async throws {
        try await withTemporaryDirectory { root in
            let plan = root.appending(path: "plan.yaml")
            try ProcessWorld.plan(privacy: "off", nodes: 1).write(to: plan, atomically: true, encoding: .utf8)
            let faults = root.appending(path: "faults.yaml")
            try "faults:\n  - lost-awnser: {request: join}\n".write(to: faults, atomically: true, encoding: .utf8)
            let result = try await withProcesses {
                try await $0.run("simulate", ["run", "--synthetic", "30:20:1", "--nodes", "1", "--plan", plan.plainPath, "--faults", faults.plainPath])
            }
            #expect(result.exitCode == 65, "\(result)")
            #expect(result.error.contains("faults.yaml:2"), "\(result)")
        }
    }
}
