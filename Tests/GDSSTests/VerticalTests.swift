import GDSS
import Genera
import GeneraTesting
import Testing

@Suite("From an author's checkpoint to a picture", .enabled(if: Golden.isPresent("gdss")))
struct VerticalTests {
    @Test("A few steps from the smallest checkpoint make graphs, and the same ones whatever the threads")
    func draws() throws {
        let path = "\(Golden.shared)/data/gdss/checkpoints/community_small/gdss_community_small.pth"
        let model = try GDSS.load(path)
        #expect(model.configuration.data.name == "community_small")
        var sampling = model.configuration.sampling
        sampling.together = 4
        var sde = model.configuration.sde
        (sde.x.steps, sde.adj.steps) = (20, 20)
        let drawn = try [1, 2].map { workers in
            let sampler = try model.sampler(
                sampling, sde: sde, counts: NodeCounts(sizes: model.configuration.data.sizes ?? []), workers: workers)
            return try SamplingDriver().run(sampler, SamplingRequest(indices: [0, 1, 2], seed: 7)).samples
        }
        #expect(drawn[0] == drawn[1])
        #expect(drawn[0].allSatisfy { (1...20).contains($0.nodes.count) })
        #expect(try Graph.picture(of: drawn[0]).width > 100)
    }
}
