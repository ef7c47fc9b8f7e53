import ArgumentParser
import CommandSupport
import DifferentialPrivacy
import Foundation

/// What a mechanism costs.
struct Epsilon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "epsilon",
        abstract: "What mechanisms cost: ε at δ, δ at ε, noise, rounds or sampling rate for a target.",
        discussion: """
            Answers every case of a file ({"cases": [{"id", "mechanism", …}]}), or one case given by options: --sigma, --q, --steps and --delta give ε; --epsilon in place of \
            --delta gives δ; --target-epsilon and --delta with two of --sigma, --q and --steps give the third. Mechanisms with other figures take them as \
            --mechanism NAME --figure name=value. ε is the smallest of the accountants' upper bounds, for noise relative to one user's sensitivity; users \
            are added or removed unless the mechanism says otherwise.
            """)

    @Option(help: ArgumentHelp("File of cases.", valueName: "file")) var cases: String?
    @Option(help: "Standard deviation of the noise over the sensitivity.") var sigma: Double?
    @Option(help: "Sampling rate of users.") var q: Double?
    @Option(help: "Rounds.") var steps: Double?
    @Option(help: "δ, strictly between 0 and 1.") var delta: Double?
    @Option(help: "Ask for δ at this ε.") var epsilon: Double?
    @Option(help: "Ask for what keeps within this ε.") var targetEpsilon: Double?
    @Option(help: "The mechanism, named as in a file of cases.") var mechanism: String?
    @Option(name: .customLong("figure"), help: ArgumentHelp("Another figure of the mechanism; may be repeated.", valueName: "name=value")) var figures: [String] = []
    @Flag(help: "Print how long the accountants took: processor time, median and largest over the cases.") var timing = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let single: [Any?] = [sigma, q, steps, delta, epsilon, targetEpsilon, mechanism]
        if cases != nil, single.contains(where: { $0 != nil }) || !figures.isEmpty {
            throw ValidationError("--cases stands alone: the file holds the figures")
        }
        if cases == nil, single.allSatisfy({ $0 == nil }) { throw ValidationError("give --cases FILE, or the figures of one case such as --sigma 1 --q 0.01 --steps 1000 --delta 1e-6") }
    }

    func run() async throws {
        try await reportingFailures({ InputOptions.status(of: $0) }) {
            let questions = try cases.map(CaseFile.read) ?? [question()]
            var report = EpsilonReportLines(format: output.format)
            for question in questions {
                do throws(PrivacyError) {
                    report.add(try question.answerOrRefusal())
                } catch {
                    report.refuse(question.id, error.message)
                }
            }
            report.finish(timing: timing)
            if report.refused > 0 {
                throw CommandFailure(.dataError, "\(report.refused) of \(questions.count) cases could not be answered; the lines above say why")
            }
        }
    }

    private func question() throws -> AccountingCase {
        var named: [String: Double] = [:]
        for figure in figures {
            let parts = figure.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let value = Double(parts[1]) else { throw CommandFailure(.usage, "--figure takes name=value with a number, not \(figure)") }
            named[parts[0]] = value
        }
        for (name, value) in [("sigma", sigma), ("q", q), ("steps", steps), ("delta", delta), ("epsilon", epsilon), ("target_epsilon", targetEpsilon)] {
            if let value { named[name] = value }
        }
        let implied: String
        if targetEpsilon != nil {
            implied = "calibration"
        } else if epsilon != nil {
            implied = "epsilon_to_delta"
        } else {
            implied = q == nil || q == 1 ? "gaussian" : "poisson_subsampled_gaussian"
        }
        // Without a rate everybody takes part, unless the rate is what is asked for.
        if mechanism == nil, implied != "gaussian", q == nil, !(implied == "calibration" && sigma != nil && steps != nil) { named["q"] = 1 }
        return AccountingCase(id: "case", mechanism: mechanism ?? implied, figures: named)
    }
}

extension AccountingCase {
    /// The answer; what is wrong with the case as the one kind of error it can have.
    fileprivate func answerOrRefusal() throws(PrivacyError) -> AccountingAnswer {
        do {
            return try answer()
        } catch let error as PrivacyError {
            throw error
        } catch {
            throw PrivacyError(.invalidParameter, "\(error)")
        }
    }
}

/// A file of cases.
private struct CaseFile: Decodable {
    var cases: [AccountingCase]

    static func read(_ path: String) throws -> [AccountingCase] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.noInput, "\(path) cannot be read; check the path and its permissions")
        }
        do {
            return try JSONDecoder().decode(CaseFile.self, from: Data(strict(data))).cases
        } catch {
            throw CommandFailure(.dataError, "\(path) is not a file of cases ({\"cases\": [{\"id\": …, \"mechanism\": …}]}): \(error)")
        }
    }

    /// Bare NaN and Infinity, which some programs write, as strings, so that one case is refused and not the whole file.
    private static func strict(_ data: Data) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(data.count)
        var quoted = false
        var escaped = false
        var word: [UInt8] = []
        func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a }
        func flush() {
            if word == Array("NaN".utf8) || word == Array("Infinity".utf8) {
                if result.last == UInt8(ascii: "-") { result.removeLast() }
                result += [UInt8(ascii: "\"")] + word + [UInt8(ascii: "\"")]
            } else {
                result += word
            }
            word = []
        }
        for byte in data {
            if !quoted, isLetter(byte) {
                word.append(byte)
                continue
            }
            flush()
            result.append(byte)
            if quoted {
                if escaped { escaped = false } else if byte == UInt8(ascii: "\\") { escaped = true } else if byte == UInt8(ascii: "\"") { quoted = false }
            } else if byte == UInt8(ascii: "\"") {
                quoted = true
            }
        }
        flush()
        return result
    }
}

/// Prints answers as they come.
private struct EpsilonReportLines {
    private struct Refusal: Encodable {
        var id: String
        var error: String
    }
    private struct Timing: Encodable {
        var accountant: String
        var answers: Int
        var median_seconds: Double
        var largest_seconds: Double
    }
    let format: OutputFormat
    private(set) var refused = 0
    private var seconds: [String: [Double]] = [:]
    private var table = TextTable([("case", .left), ("answer", .left)])

    init(format: OutputFormat) { self.format = format }

    mutating func add(_ answer: AccountingAnswer) {
        for (name, time) in answer.seconds { seconds[name, default: []].append(time) }
        switch format {
        case .json: if let line = try? answer.jsonLine() { StandardStreams.output(line) }
        case .text:
            let parts = answer.values.sorted { $0.key < $1.key }.map { name, value in
                switch value {
                case .number(let number): "\(name) \(number)"
                case .list(let list): "\(name) \(list)"
                case .named(let named): "\(name) (" + named.sorted { $0.value < $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") + ")"
                }
            }
            table.add([answer.id, parts.joined(separator: " · ")])
        }
    }

    mutating func refuse(_ id: String, _ message: String) {
        refused += 1
        switch format {
        case .json: if let line = try? Refusal(id: id, error: message).jsonLine() { StandardStreams.output(line) }
        case .text: table.add([id, "refused: \(message)"])
        }
    }

    func finish(timing: Bool) {
        if format == .text { StandardStreams.output(table.rendered()) }
        guard timing else { return }
        var times = TextTable([("accountant", .left), ("answers", .right), ("median ms", .right), ("largest ms", .right)])
        for (name, values) in seconds.sorted(by: { $0.key < $1.key }) {
            let sorted = values.sorted()
            let (median, largest) = (sorted[sorted.count / 2], sorted[sorted.count - 1])
            times.add([name, "\(sorted.count)", decimal(median * 1000, 4), decimal(largest * 1000, 4)])
            if format == .json, let line = try? Timing(accountant: name, answers: sorted.count, median_seconds: median, largest_seconds: largest).jsonLine() {
                StandardStreams.error(line)
            }
        }
        if format == .text { StandardStreams.output(times.rendered()) }
    }
}
