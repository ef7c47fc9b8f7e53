import DifferentialPrivacy
import Federation
import Testing

@Suite("The chain of a ledger")
struct LedgerChainTests {
    /// Three rounds, of which the second was cancelled: six lines.
    private func lines(noise: Double = 10) throws -> [LedgerLine] {
        var ledger = try PrivacyLedger(budget: PrivacyBudget(epsilon: 8, delta: 1e-6))
        var lines: [LedgerLine] = []
        func append(_ entry: LedgerEntry) {
            lines.append(LedgerChain.line(entry, at: WallTime(milliseconds: Int64(1000 + lines.count)), after: lines.last?.head ?? .empty))
        }
        for round in 1...3 {
            let event = MechanismEvent(noiseMultiplier: noise, gridStandardDeviation: 0x1p20, dimension: 1000)
            append(try ledger.reserve(event, plan: "a", round: round, at: Int64(round)))
            append(round == 2 ? try ledger.cancel(round) : try ledger.markSent(round))
        }
        return lines
    }

    @Test("lines as they were written verify, and every head that was ever shown is part of them")
    func intact() throws {
        let lines = try lines()
        #expect(try LedgerChain.verify(lines) == lines.last?.head)
        for line in lines { try LedgerChain.verify(line.head, isPartOf: lines, accordingTo: "a peer") }
        try LedgerChain.verify(.empty, isPartOf: [], accordingTo: "a peer")
        #expect(try LedgerChain.verify([]) == .empty)
    }

    @Test("a line that was removed, changed, moved or repeated is found", arguments: 0..<6)
    func tampering(place: Int) throws {
        let lines = try lines()
        var removed = lines
        removed.remove(at: place)
        // Without the last line the rest is a chain of its own: that is what heads are remembered for.
        if place < 5 { #expect(throws: PrivacyError.self) { try LedgerChain.verify(removed) } }
        #expect(throws: PrivacyError.self) { try LedgerChain.verify(lines[5].head, isPartOf: removed, accordingTo: "a peer") }

        var changed = lines
        changed[place].entry = changed[place].entry.moved(to: changed[place].entry.state == .cancelled ? .sent : .cancelled)
        #expect(throws: PrivacyError.self) { try LedgerChain.verify(changed) }
        changed = lines
        changed[place].time = changed[place].time + .milliseconds(1)
        #expect(throws: PrivacyError.self) { try LedgerChain.verify(changed) }
        changed = lines
        changed.insert(changed[place], at: place)
        #expect(throws: PrivacyError.self) { try LedgerChain.verify(changed) }
        changed = lines
        changed.swapAt(place, (place + 1) % 6)
        #expect(throws: PrivacyError.self) { try LedgerChain.verify(changed) }
    }

    @Test("a ledger that went on from an older copy is not the one that was seen, however long it is")
    func fork() throws {
        let seen = try lines()[3].head
        let fork = try lines(noise: 11)
        try LedgerChain.verify(fork)
        #expect(fork.count > seen.count)
        let error = #expect(throws: PrivacyError.self) { try LedgerChain.verify(seen, isPartOf: fork, accordingTo: "the coordinator") }
        #expect(error?.code == .inconsistentLedger)
        #expect(error?.message.contains("Put the newest copy back") == true && error?.message.contains("the coordinator") == true)
    }

    @Test("the hash of a first line is fixed by the format")
    func golden() throws {
        // From the definition, in another language: SHA-256 over the origin and the line's fields, little-endian.
        let event = MechanismEvent(noiseMultiplier: 2.5, samplingRate: 0.5, count: 1, gridStandardDeviation: 1024, dimension: 7)
        let entry = LedgerEntry(sequence: 1, plan: "ab", round: 3, event: event, state: .reserved)
        #expect(
            LedgerChain.line(entry, at: WallTime(milliseconds: 99), after: .empty).hash.hex == "3826bec4c73747a8a5f856b978919f71bceb8eaf18c23e450f368db0d1606179")
    }
}
