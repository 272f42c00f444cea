/** The functions that Kubernetes adds to CEL, and those of cel-go that the engine lacks. (apiserver, cel/environment/base.go) */
import { registerLists } from './library/lists.ts'
import { registerNetwork } from './library/network.ts'
import { registerQuantities } from './library/quantities.ts'
import { registerSemver } from './library/semver.ts'
import { registerTexts } from './library/texts.ts'
import { registerUrls } from './library/urls.ts'
import type { Environment } from './module.ts'

/** Adds them to the environment, and answers it. */
export function registerLibrary(environment: Environment): Environment {
  for (const register of [registerTexts, registerLists, registerUrls, registerQuantities, registerNetwork, registerSemver])
    register(environment)
  return environment
}
