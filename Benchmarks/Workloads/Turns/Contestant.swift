internal import Foundation

/// A side of a comparison as a process of its own, told by lines when it is its turn.
public final class Contestant {
    public private(set) var name = ""
    public private(set) var repetitions: [TurnMessage] = []
    public private(set) var final: TurnMessage?
    /// Why it did not start or stopped early.
    public private(set) var absence: String?

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var pending = Data()

    /// Starts the command and waits until it is ready: set up and warmed up.
    public init(command: [String]) {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = input
        process.standardOutput = output
        do { try process.run() } catch {
            absence = "\(command.first ?? "nothing") does not start: \(error.localizedDescription)"
            return
        }
        guard let message = next() else { return }
        switch message.event {
        case .ready: name = message.peer ?? ""
        case .absent: absence = message.why ?? "it does not say why"
        case .repetition, .final: absence = "its first line is neither ready nor absent"
        }
    }

    public var isRunning: Bool { absence == nil && final == nil }

    /// One repetition.
    public func turn() {
        guard isRunning, tell("run"), let message = next() else { return }
        if message.event == .repetition { repetitions.append(message) } else { absence = "it did not repeat when told to" }
    }

    /// Has it finish and end; a side that failed ends too.
    public func finish() {
        if isRunning, tell("finish"), let message = next() {
            if message.event == .final { final = message } else { absence = "it did not finish when told to" }
        }
        try? input.fileHandleForWriting.close()
        if process.isRunning { process.waitUntilExit() }
    }

    public var measured: Measured? { Measured(name: name, repetitions: repetitions, final: final) }

    private func tell(_ line: String) -> Bool {
        do {
            try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
            return true
        } catch {
            absence = "it ended early"
            return false
        }
    }

    /// The next message; `nil`, with a reason in `absence`, when there is none.
    private func next() -> TurnMessage? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = pending[pending.startIndex..<end]
                pending = Data(pending[(end + 1)...])
                do { return try JSONDecoder().decode(TurnMessage.self, from: line) } catch {
                    absence = "it wrote something else than JSON lines: \(String(decoding: line.prefix(80), as: UTF8.self))"
                    return nil
                }
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty {
                process.waitUntilExit()
                absence = "it ended early with status \(process.terminationStatus); its messages are above"
                return nil
            }
            pending.append(more)
        }
    }
}
