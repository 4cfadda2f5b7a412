import Foundation
import TestSupport
import Testing

@testable import Reconciler

/// One plan for each situation that an `up` may find, as it is printed.
@Suite("Plans of situations")
struct PlanSituationTests {
    @Test("what is done, why, in which order, and what stays", arguments: Situation.all.indices)
    func plan(index: Int) throws {
        let situation = Situation.all[index]
        let file = situation.name.replacing(",", with: "").replacing(" ", with: "-")
        try expectGolden(situation.text, "situation-\(file).txt")
    }

    @Test("a reason that is cut where people read it is there whole")
    func wholeReason() throws {
        let situation = try #require(
            Situation.all.first { $0.name == "several fields changed" }
        )
        let plan = try Plan.up(
            situation.project,
            observed: situation.observed,
            images: situation.images
        )
        let cut = try #require(plan.steps.map(\.because).first { $0.contains("more") })
        let whole = try #require(plan.wholeReasons[cut])
        #expect(whole.count == 5, "\(whole)")
    }

    @Test("every situation has a name of its own")
    func names() {
        #expect(Set(Situation.all.map(\.name)).count == Situation.all.count)
        #expect(Situation.all.count >= 40)
    }
}
