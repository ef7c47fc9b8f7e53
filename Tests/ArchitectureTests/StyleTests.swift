import Foundation
import Testing
import TestSupport

@Suite("Sources keep the rules of the house")
struct StyleTests {
    /// Targets that are libraries in role: everything but the commands.
    static let libraryRows = ImportTable.current.rows.filter { ImportTable.current.layers[$0.layer] != "executables" }

    /// What a library never says, and what it says instead. The pattern is matched against code without comments and literals.
    static let forbidden: [(pattern: String, instead: String)] = [
        (#"(?<![\w.])(print|debugPrint|dump|NSLog)\("#, "log through swift-log, or return the text"),
        (#"(?<![\w.])fatalError\("#, "precondition for a programmer's mistake, throws for anything from outside"),
        (#"(?<!\w)try!"#, "throw"),
        (#"(?<!\w)as!"#, "as? and throw"),
        (#"@unchecked\s+Sendable"#, "a value type or an actor"),
        (#"nonisolated\(unsafe\)"#, "a value type or an actor"),
        (#"(?<!\w)(NSLock|NSRecursiveLock|Mutex<|pthread_mutex|DispatchSemaphore|OSAllocatedUnfairLock)"#, "an actor"),
        (#"(?<![\w.])exit\("#, "throw; commands choose exit codes"),
    ]

    @Test("libraries neither print nor trap nor lock", arguments: libraryRows)
    func libraries(_ row: TargetRow) throws {
        for (pattern, instead) in Self.forbidden {
            let expression = try NSRegularExpression(pattern: pattern)
            for file in try SourceFile.all(under: row.folder) where !file.isGenerated {
                for (number, code) in file.codeLines {
                    let found = expression.firstMatch(in: code, range: NSRange(code.startIndex..., in: code)) != nil
                    #expect(!found, "\(file.path):\(number): \(code.trimmingCharacters(in: .whitespaces)) – \(instead)")
                }
            }
        }
    }

    @Test("files stay under 400 lines", arguments: ["Sources", "Tests", "coordinator", "edge-node", "Benchmarks"])
    func length(_ folder: String) throws {
        for file in try SourceFile.all(under: folder) where !file.isGenerated {
            #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count - 1) lines; split it by aspect")
        }
    }

    /// Written apart, so that this file does not find itself.
    static let machinePaths = ["work", "home", "root", "Users"].map { "/" + $0 + "/" }
    static let notes = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

    @Test("nothing names a path of one machine, and nothing is left for later", arguments: ["Sources", "Tests", "coordinator", "edge-node", "docs", "scripts", "Benchmarks"])
    func machinePaths(_ folder: String) throws {
        let extensions = [".swift", ".md", ".sh", ".py", ".yaml", ".json", ".c", ".h", ".proto"]
        for path in try PackageTree.files(under: folder) where extensions.contains(where: path.hasSuffix) || folder == "scripts" {
            let text = try String(contentsOf: PackageTree.root.appending(path: path), encoding: .utf8)
            for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                for machinePath in Self.machinePaths {
                    #expect(!Self.mentions(machinePath, in: line), "\(path):\(number + 1): absolute path: \(line)")
                }
                let words = line.split { !$0.isLetter }
                for note in Self.notes { #expect(!words.contains(Substring(note)), "\(path):\(number + 1): unfinished: \(line)") }
            }
        }
    }

    /// Whether the line holds the path at the beginning of a path, not in the middle of a relative one or of an address.
    static func mentions(_ path: String, in line: Substring) -> Bool {
        var rest = line
        while let range = rest.range(of: path) {
            let before = range.lowerBound == rest.startIndex ? " " : rest[rest.index(before: range.lowerBound)]
            if !(before.isLetter || before.isNumber || "._-/}".contains(before)) { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }

    @Test("the rule against machine paths finds them and spares relative ones")
    func machinePathRule() {
        #expect(Self.mentions(Self.machinePaths[0], in: "let a = \"\(Self.machinePaths[0])x\""))
        #expect(!Self.mentions(Self.machinePaths[0], in: "see demo-out\(Self.machinePaths[0])x"))
    }
}
