import LocalTraining
import Testing

@Suite("Learning-rate schedules")
struct LearningRateScheduleTests {
    private static let cases: [(LearningRateSchedule, step: Int, Double)] = [
        (.constant, 0, 1), (.constant, 99, 1),
        // A warm-up of one epoch of ten steps never gives the rate 0.
        (LearningRateSchedule(warmUpEpochs: 1), 0, 1.0 / 11), (LearningRateSchedule(warmUpEpochs: 1), 9, 10.0 / 11),
        (LearningRateSchedule(warmUpEpochs: 1), 10, 1),
        (LearningRateSchedule(.linear(end: 0)), 0, 1), (LearningRateSchedule(.linear(end: 0)), 50, 0.5), (LearningRateSchedule(.linear(end: 0.2)), 100, 0.2),
        (LearningRateSchedule(.linear(end: 0), warmUpEpochs: 2), 60, 0.5), (LearningRateSchedule(.linear(end: 0.1), decayEpochs: 5), 70, 0.1),
        (LearningRateSchedule(.cosine(end: 0)), 0, 1), (LearningRateSchedule(.cosine(end: 0)), 50, 0.5), (LearningRateSchedule(.cosine(end: 0.1)), 100, 0.1),
        (LearningRateSchedule(.cosine(end: 0)), 25, 0.853553390593),
        (LearningRateSchedule(.step(everyEpochs: 2, factor: 0.5)), 19, 1), (LearningRateSchedule(.step(everyEpochs: 2, factor: 0.5)), 20, 0.5),
        (LearningRateSchedule(.step(everyEpochs: 2, factor: 0.5)), 45, 0.25),
    ]

    @Test("values over ten epochs of ten steps", arguments: cases.indices)
    func values(_ index: Int) {
        let (schedule, step, expected) = Self.cases[index]
        #expect(abs(schedule.multiplier(step: step, stepsPerEpoch: 10, epochs: 10) - expected) < 1e-9)
    }
}
