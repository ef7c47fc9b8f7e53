internal import Foundation

/// Our side of the turns: a repetition for each line `run` on standard input, the end at `finish`.
public struct TurnServer {
    private var contender: any Contender
    private let threads: Int
    private let write: (String) -> Void

    /// - Parameter write: takes a line for standard output.
    public init(_ contender: any Contender, threads: Int, write: @escaping (String) -> Void) {
        self.contender = contender
        self.threads = threads
        self.write = write
    }

    /// - Parameter repetitions: run so often and end, instead of waiting for lines.
    public mutating func serve(repetitions: Int?) async throws {
        // Warm-up: trains like the others, counts for nothing.
        _ = try await turn()
        var ready = TurnMessage(.ready)
        ready.peer = "ours"
        ready.threads = threads
        try send(ready)
        if let repetitions {
            for _ in 0..<repetitions { try send(try await turn()) }
        } else {
            while let line = readLine(), line != "finish" {
                if line == "run" { try send(try await turn()) }
            }
        }
        var final = TurnMessage(.final)
        let results = try await contender.finish()
        final.loss = results["loss"]
        final.ndcg = results["ndcg@10"]
        final.recall = results["recall@10"]
        try send(final)
    }

    private mutating func turn() async throws -> TurnMessage {
        let (clock, before) = (ContinuousClock(), CPUTime.ofThisProcess)
        let start = clock.now
        let repetition = try await contender.repetition()
        var message = TurnMessage(.repetition)
        message.seconds = (clock.now - start).inSeconds
        message.cpu = CPUTime.ofThisProcess - before
        message.units = repetition.units
        message.loss = repetition.loss
        message.latencies = repetition.latencies
        return message
    }

    private func send(_ message: TurnMessage) throws {
        write(String(decoding: try JSONEncoder().encode(message), as: UTF8.self))
    }
}
