import { describe, expect, it } from 'vitest'
import { stepsOf } from '../../src/operator/template-position.ts'

const body = {
  spec: {
    ports: [{ port: 443 }, { port: 80, name: 'http' }],
    template: { spec: { containers: [{ name: 'app', ports: [{ containerPort: 1 }] }] } },
  },
}

describe('the steps of a path that the server names', () => {
  it.each<[string, (string | number)[]]>([
    ['spec.template.spec.containers[0].image', ['spec', 'template', 'spec', 'containers', 0, 'image']],
    ['.spec.ports[port=80,protocol="TCP"].tragetPort', ['spec', 'ports', 1, 'tragetPort']],
    [
      '.spec.template.spec.containers[name="app"].ports[containerPort=1,protocol="TCP"].nmae',
      ['spec', 'template', 'spec', 'containers', 0, 'ports', 0, 'nmae'],
    ],
    ['data[tls.crt]', ['data', 'tls.crt']],
    ['', []],
    ['[]', []],
  ])('%s', (path, steps) => {
    expect(stepsOf(path, body)).toEqual(steps)
  })

  it('end at the list where no item has the keys', () => {
    expect(stepsOf('.spec.ports[port=8080].name', body)).toEqual(['spec', 'ports'])
  })
})
