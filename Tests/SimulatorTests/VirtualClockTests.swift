import Federation
import Simulator
import Testing

@Suite("The virtual clock")
struct VirtualClockTests {
    private func clock(until end: Int64 = 1_000_000_000) -> VirtualClock {
        VirtualClock(start: WallTime(milliseconds: 0), end: WallTime(milliseconds: end))
    }

    @Test("an hour passes at once, and everybody wakes in order of time, then of falling asleep")
    func order() async throws {
        let clock = clock()
        let woken = Woken()
        await withTaskExecutorPreference(clock.executor) {
            await withTaskGroup(of: Void.self) { tasks in
                for (name, seconds) in [("c", 3600), ("a", 1), ("d", 3600), ("b", 60)] {
                    tasks.addTask {
                        try? await clock.sleep(until: WallTime(milliseconds: Int64(seconds) * 1000))
                        await woken.add("\(name)@\(clock.now.milliseconds / 1000)")
                    }
                }
            }
        }
        #expect(await woken.names == ["a@1", "b@60", "c@3600", "d@3600"])
    }

    @Test("no time passes while somebody works")
    func work() async throws {
        let clock = clock()
        let late = await withTaskExecutorPreference(clock.executor) {
            await withTaskGroup(of: Bool.self) { tasks in
                tasks.addTask {
                    try? await clock.sleep(until: WallTime(milliseconds: 1))
                    return false
                }
                tasks.addTask {
                    for _ in 0..<1000 { await Task.yield() }
                    return clock.now.milliseconds > 0
                }
                return await tasks.contains(true)
            }
        }
        #expect(!late)
    }

    @Test("a cancelled sleeper wakes with an error and without time passing")
    func cancelled() async throws {
        let clock = clock()
        let time = await withTaskExecutorPreference(clock.executor) {
            await withTaskGroup(of: Int64.self) { tasks in
                tasks.addTask {
                    do { try await clock.sleep(until: WallTime(milliseconds: 5000)) } catch { return clock.now.milliseconds }
                    return -1
                }
                tasks.addTask {
                    try? await clock.sleep(until: WallTime(milliseconds: 10))
                    return 0
                }
                var times: [Int64] = []
                for await time in tasks {
                    times.append(time)
                    tasks.cancelAll()
                }
                return times.last ?? -2
            }
        }
        #expect(time == 10)
    }

    @Test("a standstill is noticed")
    func standstill() async throws {
        let clock = clock()
        let stall = await withTaskExecutorPreference(clock.executor) { await clock.stall() }
        #expect(stall == .everybodyWaits)
    }

    @Test("the end of time is noticed")
    func endOfTime() async throws {
        let clock = clock(until: 100)
        let stall = await withTaskExecutorPreference(clock.executor) {
            await withTaskGroup(of: SimulationStall?.self) { tasks in
                tasks.addTask {
                    while !Task.isCancelled { try? await clock.sleep(until: clock.now + .milliseconds(30)) }
                    return nil
                }
                tasks.addTask { await clock.stall() }
                defer { tasks.cancelAll() }
                return await tasks.next() ?? nil
            }
        }
        #expect(stall == .endOfTime)
        #expect(clock.now.milliseconds == 90)
    }

    private actor Woken {
        var names: [String] = []
        func add(_ name: String) { names.append(name) }
    }
}
